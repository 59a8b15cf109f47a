"""A bridge between two dies: the specification of `chiplet.bridge`, after `docs/bridge.md`.

    send ──▶ slots ──▶ outgoing ──▶ transmitter ──▶ lanes, at this die's clock
    receive ◀── queue ◀── incoming ◀── asynchronous FIFO ◀── receiver ◀── lanes, at the other die's clock

`send` and `receive` are the words of this end; `outgoing` and `incoming` are flits, those of `incoming`
already checked. The flit is `models/chiplet/framing.py`'s, with this body:

    kind 2, mark 1, number b, acknowledge b, credit b, data w        the first in the lowest bits

What an end alone sends depends on when flits come. What two of them do together does not:

    to_east ──▶ west end ──▶ line ──▶ east end ──▶ at_east
    at_west ◀── west end ◀── line ◀── east end ◀── to_west

Whatever the line does, each word arrives once and in order: that is the reference of `Role.JOINED`, the
hardware of two bridges and a line each way. The streams `faults_…` say what the line does: each fault begins
`after` beats without one and lasts for `length` beats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from . import framing

BIT = unsigned(1)


class Kind(IntEnum):
    """Of a flit."""

    TRAINING = 0
    IDLE = 1
    DATA = 2


class Fault(IntEnum):
    """What the line does to a beat. CHANGE: the bits of `flips` are changed. DEAD: it is all zeros. STOP: it
    does not come, as the forwarded clock stands still. PAUSE: it comes unharmed; the clock of the die that it
    goes to stands still, and with it the one that it forwards.
    """

    CHANGE = 0
    DEAD = 1
    STOP = 2
    PAUSE = 3


class Role(Enum):
    """END: what one end does at its die's clock. CROSSING: what takes flits there from the other die's clock.
    JOINED: two bridges, and a line each way between them. COUPLED: two ends, and a line each way that loses
    flits; there is only a proof of it.
    """

    END = "end"
    CROSSING = "crossing"
    JOINED = "joined"
    COUPLED = "coupled"


@dataclass(frozen=True)
class Params:
    """role: which hardware; see `Role`. width: bits of a word. lanes, scrambled, protected: see
    `framing.Params`.

    window: words that may be sent and not yet acknowledged, a power of two. depth: words that have room at
    the other end, a power of two. number_bits: of a word's number; no more than half of all numbers may be in
    the window. timeout: cycles after which what is not acknowledged is sent again. silence: cycles without a
    good flit after which the line is reported dead. training: flits of TRAINING that come before this end
    says that it hears. counter_bits: of each counter.

    Both times must be longer than what they wait for takes: a flit there and one back, and some flits.
    """

    role: Role = Role.END
    width: int = 16
    lanes: int = 8
    window: int = 8
    depth: int = 8
    number_bits: int = 5
    timeout: int = 256
    silence: int = 128
    training: int = 4
    scrambled: bool = True
    protected: bool = True
    counter_bits: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise BadInput(f"width = {self.width}: a word has 1 … 64 bits")
        for name in ("window", "depth"):
            value = getattr(self, name)
            if value < 1 or value & (value - 1):
                raise BadInput(f"{name} = {value}: a power of two is needed; 8 is usual")
        numbers = 1 << self.number_bits
        if 2 * self.window > numbers:
            raise BadInput(f"window = {self.window}: of {numbers} numbers at most half may be in the window")
        if self.window + self.depth >= numbers:
            raise BadInput(
                f"window + depth = {self.window + self.depth}: they must be fewer than the numbers, {numbers}"
            )
        for name in ("timeout", "silence", "training"):
            if (value := getattr(self, name)) < 2:
                raise BadInput(f"{name} = {value}: at least 2 are needed")
        if not 1 <= self.counter_bits <= 32:
            raise BadInput(f"counter_bits = {self.counter_bits}: a counter has 1 … 32 bits; 16 are usual")
        assert self.framing

    @property
    def framing(self) -> framing.Params:
        """Of its flits."""
        width = sum(q.width for q in flit(self).fields.values())
        return framing.Params(width, self.lanes, self.scrambled, self.protected)


def flit(params: Params) -> Port:
    """A stream of bodies of flits."""
    number = unsigned(params.number_bits)
    fields = {"kind": unsigned(2), "mark": BIT, "number": number, "acknowledge": number, "credit": number}
    return Port({**fields, "data": unsigned(params.width)})


def words(params: Params) -> Port:
    """A stream of words."""
    return Port({"data": unsigned(params.width)})


def faults(params: Params) -> Port:
    """A stream of faults. flips: of the lanes of data, those of check bits, and `frame`."""
    wires = unsigned(params.lanes + params.framing.check_lanes + 1)
    return Port({"kind": unsigned(2), "after": unsigned(10), "length": unsigned(10), "flips": wires})


def inputs(params: Params) -> Mapping[str, Port]:
    """Words to send and flits that come in; of two that are joined, words and faults each way; of two that
    are coupled, words, and what the lines do in this cycle: take a flit, give the older one, or lose it.
    """
    if params.role is Role.END:
        return {"send": words(params), "incoming": flit(params)}
    if params.role is Role.CROSSING:
        return {"incoming": flit(params)}
    to_both = {"to_east": words(params), "to_west": words(params)}
    if params.role is Role.COUPLED:
        line = Port({"enters": BIT, "arrives": BIT, "lost": BIT}, kind="level")
        return {**to_both, "line_to_east": line, "line_to_west": line}
    return {
        **to_both,
        "faults_to_east": faults(params),
        "faults_to_west": faults(params),
    }


def outputs(params: Params) -> Mapping[str, Port]:
    """Words received and flits that go out; of two that are joined, the words at each end.

    up: the line works, as far as is known. outstanding: words taken that are not acknowledged. counters: how
    often words were sent again, and how many words came that were not taken; they wrap.
    """
    if params.role in (Role.JOINED, Role.COUPLED):
        return {"at_east": words(params), "at_west": words(params)}
    if params.role is Role.CROSSING:
        return {"outgoing": flit(params)}
    outstanding = unsigned(params.window.bit_length())
    return {
        "receive": words(params),
        "outgoing": flit(params),
        "status": Port({"up": BIT, "outstanding": outstanding}, kind="level"),
        "counters": Port(dict.fromkeys(("replays", "ignored"), unsigned(params.counter_bits)), kind="level"),
    }


Words = list[tuple[int]]


def reference(
    params: Params,
    configuration: Configuration,
    state: None,
    to_east: tuple[int] | None,
    to_west: tuple[int] | None,
    *faults: tuple[int, ...] | None,
) -> tuple[None, Words, Words]:
    """A word at one end arrives at the other. Faults change nothing."""
    return None, [to_east] if to_east else [], [to_west] if to_west else []


COSTED: Mapping[str, Params] = {"crossing": Params(Role.CROSSING)}
"""Configurations whose cost is reported, besides the default, which is an end without its lanes."""

CORE = Core(
    name="chiplet.bridge",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    groups=lambda params: (("to_east",), ("to_west",), ("faults_to_east",), ("faults_to_west",)),
)
