"""Switching a die off and on, and slowing its clock, with no word lost: the specification of
`chiplet.power_gate`.

It stands between a die that may be without power and what always has it: bridges, a host.

    input0  ──▶ stage ──▶ inward0  ──▶ ┌─────┐
    output0 ◀── stage ◀── outward0 ◀── │ die │ ── idle, powered ──▶
                                       └─────┘ ◀── power, isolate, reset, clock

Each channel has a stage that holds one word, on the side that always has power. The states are

    ON        words pass                                   to DRAIN when `on` is 0
    DRAIN     no word is taken towards the die             to ISOLATED when no stage towards the die holds a
                                                           word and the die is idle; to ON when `on` is 1
    ISOLATED  nothing that the die shows is seen           to OFF after a cycle
    OFF       isolated, without power                      to WAKE when `on` is 1 and the supply has gone
    WAKE      isolated, with power, in reset               to ON after `reset_cycles` clocks with a supply

and WAKE is the first. The die's clock runs in `rate` of 16 cycles, spread evenly; in WAKE in each; else it
stands still. A word passes between the die and a stage in a cycle in which the clock runs.

When the states change depends on the die. What passes does not: each word passes once and in order. That is
the reference of `Role.JOINED`, a gate and a die that sends back what it receives, and forgets all without
power. The stream `requests` says what is asked of the gate, `reports` what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, Register, RegisterMap

BIT = unsigned(1)
RATE_BITS = 5
FULL_RATE = 16
"""The clock runs in each of as many cycles."""


class State(IntEnum):
    """Of a gate."""

    ON = 0
    DRAIN = 1
    ISOLATED = 2
    OFF = 3
    WAKE = 4


class Role(Enum):
    """GATE: the core. JOINED: with a die behind it that sends back what it receives."""

    GATE = "gate"
    JOINED = "joined"


@dataclass(frozen=True)
class Params:
    """role: the gate, or a gate and a die. inward, outward: bits of a word of each channel to it, from it.

    reset_cycles: clocks for which the die is in reset before it is used.
    """

    role: Role = Role.GATE
    inward: tuple[int, ...] = (16,)
    outward: tuple[int, ...] = (16,)
    reset_cycles: int = 4

    def __post_init__(self) -> None:
        if not self.inward or not self.outward:
            raise BadInput("a die without a channel: give at least one inward and one outward, as (16,)")
        for bits in (*self.inward, *self.outward):
            if not 1 <= bits <= 64:
                raise BadInput(f"a word of {bits} bits: 1 … 64 are possible")
        if not 1 <= self.reset_cycles <= 255:
            raise BadInput(f"reset_cycles = {self.reset_cycles}: 1 … 255 are possible; 4 is usual")
        if self.role is Role.JOINED and self.inward != self.outward:
            raise BadInput(f"outward = {self.outward}: words go back, so it must be {self.inward}")


def word(bits: int) -> Port:
    """A stream of words."""
    return Port({"data": unsigned(bits)})


def gated() -> Port:
    """What a die says of itself.

    idle: it holds no word, offers none, and will not by itself; of this cycle, not of one before.
    powered: its supply is there. It follows `power`.
    """
    return Port({"idle": BIT, "powered": BIT}, kind="level")


def control() -> Port:
    """What a die is told.

    power: of its switch. isolate: what it shows is not seen. reset. clock: in this cycle it has a clock edge.
    """
    return Port(dict.fromkeys(("power", "isolate", "reset", "clock"), BIT), kind="level")


def requests() -> Port:
    """What is asked for, one after the other; when there are no more, to be on at full rate.

    on, rate: see `registers`. granted: it is asked for until the gate is ON, or OFF, and a report of that has
    been taken; else for a cycle. At a rate of 0 a die may never be drained: there OFF is not waited for.
    """
    return Port({"on": BIT, "rate": unsigned(RATE_BITS), "granted": BIT})


def reports(params: Params) -> Port:
    """Of a request that has been granted: what the die is told, and its clocks in the first 16 cycles.

    resets: its clocks in reset since it was without power.
    """
    told = {"power": BIT, "isolate": BIT, "reset": BIT}
    resets = unsigned(params.reset_cycles.bit_length() + 1)
    return Port({**told, "clocks": unsigned(RATE_BITS), "resets": resets})


def inputs(params: Params) -> Mapping[str, Port]:
    """Words for the die, words from it, and how it is; of a gate that is joined, words and requests."""
    found = {f"input{n}": word(bits) for n, bits in enumerate(params.inward)}
    if params.role is Role.JOINED:
        return found | {"requests": requests()}
    found |= {f"outward{n}": word(bits) for n, bits in enumerate(params.outward)}
    return found | {"gated": gated()}


def outputs(params: Params) -> Mapping[str, Port]:
    """Words from the die and to it, what it is told, and how the gate is.

    clocks: in how many cycles the die's clock ran. downs: how often it was switched off. They wrap.
    """
    found = {f"output{n}": word(bits) for n, bits in enumerate(params.outward)}
    if params.role is Role.JOINED:
        return found | {"reports": reports(params)}
    found |= {f"inward{n}": word(bits) for n, bits in enumerate(params.inward)}
    return found | {
        "control": control(),
        "status": Port({"state": unsigned(3)}, kind="level"),
        "counters": Port({"clocks": unsigned(32), "downs": unsigned(16)}, kind="level"),
    }


def registers(params: Params) -> RegisterMap:
    """What a host asks for."""
    if params.role is Role.JOINED:
        return {}
    return {
        "on": Register(BIT, 1, "1: the die shall be on; 0: drained, isolated and without power"),
        "rate": Register(
            unsigned(RATE_BITS),
            FULL_RATE,
            "cycles of 16 in which the die's clock runs; 0: it stands still; 16 and more: it runs in each",
        ),
    }


Rows = list[tuple[int, ...]]


def reference(
    params: Params, configuration: Configuration, state: None, *inputs: tuple[int, ...] | None
) -> tuple[Rows | None, ...]:
    """A word comes back on its channel. A request has nothing to do with words."""
    *words, request = inputs
    reported: Rows = []
    if request:
        on, rate, granted = request
        if granted and on:
            reported = [(1, 0, 0, min(rate, FULL_RATE), params.reset_cycles)]
        elif granted and rate:
            reported = [(0, 1, 1, 0, 0)]
    return None, *([one] if one else [] for one in words), reported


COSTED: Mapping[str, Params] = {"mesh-die": Params(inward=(18,) * 4, outward=(18,) * 4)}
"""Configurations whose cost is reported, besides the default: a die of a mesh, with a link on each side."""

CORE = Core(
    name="chiplet.power_gate",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    registers=registers,
    groups=lambda params: tuple((name,) for name in inputs(params)),
)
