"""A board as a host sees it: registers, memories, events, over a link.

with open_board("serial:/dev/ttyUSB1?baud=3000000") as board:
    board.load(program)
    events = board.run(inputs)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from spikelock.models.board import channels as words
from spikelock.models.board.capability import LONGEST, Capability, decode, is_whole
from spikelock.models.board.registers import CHAIN_REGISTERS, REGISTERS, STATUS
from spikelock.models.errors import BadInput, LinkError
from spikelock.models.fabric import chain
from spikelock.models.fabric.inspection import chain_inspected
from spikelock.models.fabric.tile import Kind
from spikelock.models.link.protocol import BYTE, Channel
from spikelock.models.network.program import Program
from spikelock.models.ports import Layout, Records

from .fitting import misfits
from .link import PATIENCE, Link, connect
from .registers import RegisterView
from .transports.url import Scheme

ANSWER_IN = 10.0
"""Seconds that a board may take to answer a request, or to send the next event of a run."""

RECORDS_AT_ONCE = 4096
"""Of one request to read."""

PIECE = 240
"""Bytes of the capability record that are read at once."""

EVENTS_HELD = 8192
"""Events that may have come and not yet been taken."""


EVENTS_COUNTED = 1 << REGISTERS["events_out"].q.width
CYCLES_COUNTED = 1 << REGISTERS["cycles"].q.width


class Registers:
    """The board's bus of registers, from an address on: what a `RegisterView` reads and writes by."""

    def __init__(self, link: Link, first: int) -> None:
        self._link = link
        self._first = first

    def write(self, address: int, word: int) -> None:
        """See `Bus`. Raises LinkError where the board has no such register, or one that cannot be written."""
        self.exchange([(1, address, word)])

    def read(self, address: int) -> int:
        """See `Bus`. Raises LinkError where the board has no such register."""
        return self.exchange([(0, address, 0)])[0]

    def read_all(self, addresses: Iterable[int]) -> list[int]:
        """Several at once, in one packet."""
        return self.exchange([(0, address, 0) for address in addresses])

    def exchange(self, requests: Sequence[tuple[int, int, int]]) -> list[int]:
        """Requests of (write, address, data), as few packets as they fit in; the data of their answers."""
        packed = [words.REGISTER_REQUEST.pack(w, self._first + a, data) for w, a, data in requests]
        self._link.send(Channel.REGISTERS, b"".join(packed))
        answers = []
        for write, address, _ in requests:
            reply = self._link.receive(Channel.REGISTERS, ANSWER_IN)
            if reply is None:
                raise LinkError(
                    f"{self._link.transport.name}: no answer from the register at "
                    f"0x{self._first + address:X} within {ANSWER_IN:g} s; is this a Spikelock board?"
                )
            status, data = words.REGISTER_REPLY.unpack(reply)
            if status != words.DONE:
                what = "cannot be written" if write and status == words.NOT_WRITABLE else "does not exist"
                raise LinkError(
                    f"{self._link.transport.name}: the register at 0x{self._first + address:X} {what} on "
                    f"this board; its own are at 0 … {len(REGISTERS) - 1}, those of its chain from "
                    f"0x{CHAIN_REGISTERS:X} on"
                )
            answers.append(data)
        return answers


class Board:
    """A board with an open link. Raises LinkError, LineLost and SessionLost where the link fails.

    capability: what the board says of itself. registers, chain_registers: by name. incoming, outgoing: ports
    of its chain. events_taken: how many the host has.
    """

    def __init__(self, link: Link) -> None:
        """Reads the capability record. Raises BadInput for one that this program does not know."""
        self.link = link
        self.capability = self._read_capability()
        link.window = self.capability.board.window
        params = self.capability.board.chain
        self._own = Registers(link, 0)
        self.registers = RegisterView(REGISTERS, self._own)
        self.chain_registers = RegisterView(chain.registers(params), Registers(link, CHAIN_REGISTERS))
        (self.incoming,) = chain.inputs(params).values()
        self.events_taken = 0
        (self.outgoing,) = chain.outputs(params).values()
        link.words(
            Channel.EVENTS,
            send=words.record_bytes(self.incoming),
            receive=words.record_bytes(self.outgoing),
            room=EVENTS_HELD,
        )
        # Full packets, of which the line carries more; but no more than an empty buffer is sure to grant.
        full, half = words.records_of_packet(self.incoming), self.capability.board.event_buffer // 2
        self._events_at_once = min(full, half)

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the line back."""
        self.link.close()

    # ------------------------------------------------------------ programs
    def load(self, program: Program) -> None:
        """Loads a program, and lets the chain begin from its reset state.

        Raises BadInput where the board's chain cannot run it, before anything is written.
        """
        board = self.capability.board
        if wrong := misfits(board.chain, program.params):
            raise BadInput(
                f"the board {board.name} at {self.link.transport.name} cannot run this program: "
                f"{'; '.join(wrong)}. Build its top for this program"
            )
        self.registers["run"] = 0
        refused = self.registers["link_refused"]
        for number, (name, memory) in enumerate(chain.memories(board.chain).items()):
            self._write(number, memory.layout, program.configuration.memories[name])
        self.link.flush()
        for name, value in program.configuration.registers.items():
            self.chain_registers[name] = value
        if self.registers["link_refused"] != refused:
            raise LinkError(
                f"{self.link.transport.name}: the board refused a part of the program; load it again"
            )
        self.registers["run"] = 1

    def run(self, events: Records, patience: float = ANSWER_IN) -> Records:
        """Sends events to the chain and returns those that it sends, up to the last mark that must come.

        Returns earlier where nothing comes for `patience` seconds: then something is missing at the end.
        """
        size = words.record_bytes(self.incoming)
        data = memoryview(words.to_bytes(self.incoming, events))
        marks = int(np.count_nonzero(events["kind"] != Kind.SPIKE))
        came: list[Records] = []
        sent = 0
        give_up = self.link.clock() + patience
        while (sent < len(events) or marks > 0) and self.link.clock() < give_up:
            count = min(self.link.credit(Channel.EVENTS), len(events) - sent)
            if count < len(events) - sent:
                count -= count % self._events_at_once
            if count:
                self.link.send(Channel.EVENTS, data[sent * size : (sent + count) * size])
                sent += count
            some = self.take_events()
            came += some
            marks -= sum(int(np.count_nonzero(part["kind"] != Kind.SPIKE)) for part in some)
            if count or some:
                give_up = self.link.clock() + patience
            else:
                self.link.poll(0.05)
        # A chain that sends more than it should is found out, too.
        came += self.take_the_rest(give_up)
        return np.concatenate([np.zeros(0, self.outgoing.dtype), *came])

    def take_the_rest(self, give_up: float) -> list[Records]:
        """Events, until the host has as many as the board says it has sent, or the link's clock is late."""
        came = []
        while self.events_taken % EVENTS_COUNTED != self.registers["events_out"]:
            if self.link.clock() > give_up:
                break
            came += self.take_events(0.05)
        return came

    def take_events(self, timeout: float = 0.0) -> list[Records]:
        """The events that have come and not been taken; waits for the first of them."""
        came = []
        while (packet := self.link.receive(Channel.EVENTS, timeout)) is not None:
            came.append(words.from_bytes(self.outgoing, packet))
            self.events_taken += len(came[-1])
            timeout = 0.0
        return came

    def telemetry(self) -> dict[str, int]:
        """What all registers that cannot be written show."""
        addresses = [address for address, name in enumerate(REGISTERS) if name in STATUS]
        return dict(zip(STATUS, self._own.read_all(addresses), strict=True))

    # ------------------------------------------------------------ memories
    def write_memory(self, name: str, records: Records, first: int = 0) -> None:
        """Loads records into a memory of the chain, from an address on.

        Raises BadInput for an unknown memory, and for records that do not fit.
        """
        memories = chain.memories(self.capability.board.chain)
        number, memory = _find(memories, name)
        if not 0 <= first <= first + len(records) <= memory.depth:
            raise BadInput(f"records {first} … {first + len(records) - 1}: {name} has 0 … {memory.depth - 1}")
        self._write(number, memory.layout, records, first)
        self.link.flush()

    def read_memory(self, name: str, first: int = 0, count: int | None = None) -> Records:
        """What a memory of the chain holds, its neurons' state among them.

        Raises BadInput for an unknown memory and for addresses that it does not have, LinkError where the
        chain is not idle: it has to run, with no events on the way.
        """
        number, memory = _find(chain_inspected(self.capability.board.chain), name)
        end = memory.depth if count is None else first + count
        if not 0 <= first <= end <= memory.depth:
            raise BadInput(f"records {first} … {end - 1}: {name} has 0 … {memory.depth - 1}")
        parts = [np.zeros(0, memory.layout.dtype)]
        for start in range(first, end, RECORDS_AT_ONCE):
            data = self._read(number, start, min(RECORDS_AT_ONCE, end - start), memory.layout)
            parts.append(words.from_bytes(memory.layout, data))
        return np.concatenate(parts)

    def _write(self, number: int, layout: Layout, records: Records, first: int = 0) -> None:
        at_once = words.records_of_packet(layout, words.MEMORY_REQUEST_BYTES)
        for start in range(0, len(records), at_once):
            part = records[start : start + at_once]
            request = words.memory_request(words.WRITE, number, first + start, len(part))
            self.link.send(Channel.MEMORIES, request + words.to_bytes(layout, part))

    def _read(self, number: int, first: int, count: int, layout: Layout) -> bytes:
        self.link.send(Channel.MEMORIES, words.memory_request(words.READ, number, first, count))
        data = b""
        while len(data) < count * words.record_bytes(layout):
            answer = self.link.receive(Channel.MEMORIES, ANSWER_IN)
            if answer is None:
                raise LinkError(
                    f"{self.link.transport.name}: memory {number} is not answered within {ANSWER_IN:g} s; is "
                    "this a Spikelock board?"
                )
            if len(answer) <= words.MEMORY_ANSWER_BYTES:
                raise LinkError(
                    f"{self.link.transport.name}: memory {number} cannot be read now: the chain has to run "
                    "(register `run`), with no events on the way"
                )
            data += answer[words.MEMORY_ANSWER_BYTES :]
        return data

    def _read_capability(self) -> Capability:
        data = b""
        while not is_whole(data) and len(data) < LONGEST:
            data += self._read(words.CAPABILITY, len(data), PIECE, Layout({"byte": BYTE}))
        return decode(data)


def open_board(url: str, more: Mapping[str, Scheme] | None = None, timeout: float = PATIENCE) -> Board:
    """The board that a URL names. Raises as `connect` and `Board` do."""
    link = connect(url, more, timeout)
    try:
        return Board(link)
    except BaseException:
        link.close()
        raise


def _find(memories: Mapping[str, Any], name: str) -> tuple[int, Any]:
    if name not in memories:
        raise BadInput(f"no memory is called {name!r}; there are: {', '.join(memories)}")
    return list(memories).index(name), memories[name]
