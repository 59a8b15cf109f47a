"""Checks of the line, of the registers, of the clock."""

from __future__ import annotations

import random
from dataclasses import dataclass

from spikelock.drivers.board import ANSWER_IN, CYCLES_COUNTED, Registers
from spikelock.models.board.registers import CHAIN_REGISTERS, MAGIC, REGISTERS
from spikelock.models.fabric import chain
from spikelock.models.link.protocol import LONGEST_PACKET, Channel
from spikelock.models.ports import Register, RegisterMap

from .check import Failed, NotRun, Subject

PACKETS = 100
ERRORS = ("link_errors", "link_line_errors", "link_overruns", "link_replays", "link_refused")
"""Registers that count what goes wrong on the line."""

SECONDS = 2.0
"""For which the clock is watched, and then again as long, while the host was too busy to tell."""

MOST_SECONDS = 60.0

TOLERANCE = 0.01
"""Of the clock against the host's: crystals and Python are much better, RC oscillators much worse."""


def connect(subject: Subject) -> str:
    """Opens the link, and reads what the board says it is."""
    subject.board = subject.open()
    record = subject.board.capability
    return (
        f"{record.board.name}, built by {record.build}: {len(record.board.chain.tiles)} tiles, "
        f"{record.board.clock / 1e6:g} MHz, {record.board.baud:,} baud"
    )


def echo(subject: Subject) -> str:
    """Packets of all lengths and of any bytes come back, and nothing on the line had to be repaired."""
    link, chance = subject.connected.link, random.Random(subject.seed)
    before = _errors(subject)
    lengths = [1, LONGEST_PACKET - 1, *(chance.randrange(1, LONGEST_PACKET) for _ in range(PACKETS - 2))]
    packets = [chance.choice((chance.randbytes(n), bytes(n), b"\xff" * n)) for n in lengths]
    for packet in packets:
        link.send(Channel.ECHO, packet)
        answer = link.receive(Channel.ECHO, ANSWER_IN)
        if answer is None:
            raise Failed(f"a packet of {len(packet)} bytes did not come back within {ANSWER_IN:g} s")
        if answer != packet:
            raise Failed(f"{packet.hex(' ')[:59]} … came back as {answer.hex(' ')[:59]} …")
    wrong = {name: count for name, count in _errors(subject).items() if count != before[name]}
    if wrong:
        counted = ", ".join(f"{name} {count - before[name]:+d}" for name, count in wrong.items())
        raise Failed(f"all packets came back, but some had to be sent again: {counted}")
    return f"{PACKETS} packets, {sum(lengths):,} bytes, no error"


def _errors(subject: Subject) -> dict[str, int]:
    board = subject.connected
    statistics = board.link.statistics
    return {
        **{name: board.registers[name] for name in ERRORS},
        "frames damaged on the way to the host": statistics.not_frames + statistics.crc_errors,
        "replays by the host": statistics.replays,
    }


def registers(subject: Subject) -> str:
    """Each bit of each register can be set and cleared alone, and no register is another."""
    board = subject.connected
    if board.registers["magic"] != MAGIC:
        raise Failed(f"the register magic reads 0x{board.registers['magic']:08X}, not 0x{MAGIC:08X}")
    own = Registers(board.link, 0)
    bits = _walk(own, 0, "scratch", REGISTERS["scratch"])
    declared, bus = chain.registers(board.capability.board.chain), Registers(board.link, CHAIN_REGISTERS)
    kept = bus.read_all(range(len(declared)))
    for address, (name, register) in enumerate(declared.items()):
        bits += _walk(bus, address, name, register)
    _all_differ(bus, declared)
    bus.exchange([(1, address, word) for address, word in enumerate(kept)])
    return f"{1 + len(declared)} registers, {bits} bits, each set alone and cleared alone"


def _walk(bus: Registers, address: int, name: str, register: Register) -> int:
    """A one through zeros and a zero through ones. Returns the bits."""
    width = register.q.width
    ones = (1 << width) - 1
    single = [1 << bit for bit in range(width)]
    patterns = [0, ones, *single, *(ones ^ bit for bit in single)]
    answers = bus.exchange([access for word in patterns for access in ((1, address, word), (0, address, 0))])
    for wanted, got in zip(patterns, answers[1::2], strict=True):
        if got != wanted:
            wrong = ", ".join(str(bit) for bit in range(32) if (got ^ wanted) >> bit & 1)
            raise Failed(f"{name} was set to 0x{wanted:X} and reads 0x{got:X}: wrong bits: {wrong}")
    return width


def _all_differ(bus: Registers, declared: RegisterMap) -> None:
    """Sets all, each to another value, then reads all: an address that is decoded wrongly shows."""
    words = [number % (1 << register.q.width) for number, register in enumerate(declared.values(), 1)]
    bus.exchange([(1, address, word) for address, word in enumerate(words)])
    for name, wanted, got in zip(declared, words, bus.read_all(range(len(words))), strict=True):
        if got != wanted:
            raise Failed(f"{name} was set to 0x{wanted:X}; when others had been set, it reads 0x{got:X}")


def clock(subject: Subject) -> str:
    """The board's clock runs at the frequency it says.

    When the register was read, between question and answer, nobody knows; so there are two bounds.
    """
    board = subject.connected
    if board.capability.build == "simulated" and not subject.real_time:
        raise NotRun("a virtual board that is not paced has no clock of its own")
    wanted, watched = board.capability.board.clock, 0.0
    first = _look(subject)
    while True:
        watched += SECONDS
        while subject.clock() - first.answered < watched:
            board.link.poll(0.1)
        last = _look(subject)
        cycles, seconds = (last.cycles - first.cycles) % CYCLES_COUNTED, last.answered - first.asked
        low, high = cycles / seconds, cycles / (last.asked - first.answered)
        about = (low + high) / 2e6
        if low > wanted * (1 + TOLERANCE) or high < wanted * (1 - TOLERANCE):
            raise Failed(f"the clock runs at {about:.3f} MHz, not at {wanted / 1e6:g} MHz")
        if low >= wanted * (1 - TOLERANCE) and high <= wanted * (1 + TOLERANCE):
            return f"{about:.3f} MHz over {seconds:.1f} s"
        if watched >= MOST_SECONDS:
            raise NotRun(f"{low / 1e6:.3f} … {high / 1e6:.3f} MHz: the host is too busy to tell more")


@dataclass(frozen=True)
class _Look:
    """The board's cycles, and between which times of the host they were read."""

    asked: float
    cycles: int
    answered: float


def _look(subject: Subject) -> _Look:
    asked = subject.clock()
    cycles = subject.connected.registers["cycles"]
    return _Look(asked, cycles, subject.clock())
