"""Live parameters of a core: the specification of `bus.parameter_bank`.

Values are written one by one into a staged set, and take effect all at once:

    write     staged[entry] = value, and the words (bank, entry, low, high) are summed
    apply     where `low` is the sum of the words:  before = live,  live = staged,  the sum begins anew
    rollback  live = staged = before, which is then gone; the sum begins anew
    begin     staged = live; the sum begins anew
    clear     no trap is latched any more, and their count is 0

The value is low + 2^32 · high, in two's complement where the register is signed. The sum is the CRC-32 of
IEEE 802.3 over the words of all writes since it began, each word low byte first: what zlib computes.

A request that cannot be done changes nothing, is not summed, and latches a trap; so a host that sums all it
sends never applies a set of which an entry was refused. Each request is answered once, by its status, the
traps that are latched and their count. `applied` tells of every new live set, before the answer does.
After reset, live and staged have the reset values; there is no set before, no sum, no trap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Q, unsigned
from spikelock.models.link.frame_encoder import crc32
from spikelock.models.ports import Layout, Port, Register, RegisterMap

from .register_space import EXAMPLE


class Command(IntEnum):
    """What a request asks for."""

    WRITE = 0
    APPLY = 1
    ROLLBACK = 2
    BEGIN = 3
    CLEAR = 4


class Status(IntEnum):
    """What became of a request; of several reasons to refuse it, the first of UNKNOWN_COMMAND, UNKNOWN_BANK,
    and the others in this order. Those but DONE are traps: trap s is bit s − 1 of `traps`.
    """

    DONE = 0
    UNKNOWN_BANK = 1
    UNKNOWN_ENTRY = 2
    DOES_NOT_FIT = 3
    NOTHING_TO_APPLY = 4
    WRONG_SUM = 5
    NOTHING_BEFORE = 6
    UNKNOWN_COMMAND = 7


TRAPS = len(Status) - 1
"""Kinds of traps."""

Values = tuple[int, ...]
"""One value for every register."""


@dataclass(frozen=True)
class Params:
    """registers: (name, declaration) of each; an entry is a position among them.

    bank: the number by which requests name this bank. count_width: bits of the count of traps, which stops at
    its largest value.
    """

    registers: tuple[tuple[str, Register], ...] = EXAMPLE
    bank: int = 0
    count_width: int = 8

    def __post_init__(self) -> None:
        if not self.registers or len(dict(self.registers)) != len(self.registers):
            raise BadInput("registers: one or more are needed, each with a name of its own")
        if not 0 <= self.bank <= WORD.maximum:
            raise RangeError(f"bank = {self.bank}: must be 0 … {WORD.maximum}, as it is sent in a word")
        if not 1 <= self.count_width <= WORD.width:
            raise RangeError(f"count_width = {self.count_width}: 1 … {WORD.width} bits are possible")
        _ = self.values  # a register that is too wide is an error here

    @property
    def values(self) -> Layout:
        """The formats of all registers."""
        return Layout({name: register.q for name, register in self.registers})

    @property
    def resets(self) -> Values:
        """The values after reset."""
        return tuple(register.reset for _, register in self.registers)


WORD = unsigned(32)
WINDOW: RegisterMap = {
    "bank": Register(WORD, 0, "of the next request"),
    "entry": Register(WORD, 0, "of the next request"),
    "low": Register(WORD, 0, "of the next request"),
    "high": Register(WORD, 0, "of the next request"),
    "command": Register(unsigned(3), 0, "of the next request, which is sent when this is written"),
    "status": Register(unsigned(3), 0, "of the last answer; cannot be written"),
    "traps": Register(unsigned(TRAPS), 0, "of the last answer; cannot be written"),
    "count": Register(WORD, 0, "of the last answer; cannot be written"),
}
"""Requests as a bus of registers makes them, a word at a time: see `rtl/parameter_window.py`."""

REQUEST = Port({"command": unsigned(3), "bank": WORD, "entry": WORD, "low": WORD, "high": WORD})


def outputs(params: Params) -> Mapping[str, Port]:
    """An answer to each request; and each new live set."""
    answer = {"status": unsigned(3), "traps": unsigned(TRAPS), "count": unsigned(params.count_width)}
    return {"answer": Port(answer), "applied": Port(params.values.fields)}


@dataclass(frozen=True)
class State:
    """The sets; the bytes that are summed; the traps that are latched, and how many came."""

    live: Values
    staged: Values
    before: Values | None = None
    summed: bytes = b""
    traps: int = 0
    count: int = 0


def reference(
    params: Params, configuration: Configuration, state: State, request: tuple[int, int, int, int, int]
) -> tuple[State, list[tuple[int, int, int]], list[Values]]:
    """One request."""
    command, *words = request
    _, entry, low, high = words
    status = _status(params, state, request)
    applied: list[Values] = []
    if status is not Status.DONE:
        count = min(state.count + 1, (1 << params.count_width) - 1)
        state = replace(state, traps=state.traps | 1 << status - 1, count=count)
    elif command == Command.WRITE:
        value = _value(params.registers[entry][1].q, low, high)
        summed = state.summed + b"".join(word.to_bytes(4, "little") for word in words)
        state = replace(
            state, staged=(*state.staged[:entry], value, *state.staged[entry + 1 :]), summed=summed
        )
    elif command == Command.CLEAR:
        state = replace(state, traps=0, count=0)
    elif command == Command.BEGIN:
        state = replace(state, staged=state.live, summed=b"")
    else:
        applying = command == Command.APPLY
        live = state.staged if applying else state.before
        assert live is not None, "a rollback to nothing is refused"
        before = state.live if applying else None
        state = replace(state, live=live, staged=live, before=before, summed=b"")
        applied = [live]
    return state, [(status, state.traps, state.count)], applied


def _status(params: Params, state: State, request: tuple[int, int, int, int, int]) -> Status:
    command, bank, entry, low, high = request
    if command not in set(Command):
        return Status.UNKNOWN_COMMAND
    if bank != params.bank:
        return Status.UNKNOWN_BANK
    if command == Command.WRITE:
        if entry >= len(params.registers):
            return Status.UNKNOWN_ENTRY
        q = params.registers[entry][1].q
        if not q.minimum <= _value(q, low, high) <= q.maximum:
            return Status.DOES_NOT_FIT
    if command == Command.APPLY:
        if not state.summed:
            return Status.NOTHING_TO_APPLY
        if crc32(state.summed) != low:
            return Status.WRONG_SUM
    if command == Command.ROLLBACK and state.before is None:
        return Status.NOTHING_BEFORE
    return Status.DONE


def _value(q: Q, low: int, high: int) -> int:
    value = low + (high << 32)
    return value - (1 << 64) if q.signed and value >= 1 << 63 else value


CORE = Core(
    name="bus.parameter_bank",
    params=Params,
    inputs=lambda params: {"request": REQUEST},
    outputs=outputs,
    initial=lambda params, configuration: State(params.resets, params.resets),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
