"""A bank that counts the spikes of many neurons over a window: the specification of `sc.firing_rate`.

The spikes of m neurons come one after the other, in index order, tick after tick, as `sc.dense` sends them.
In the last of the T ticks of a window the rate of each neuron goes out, in answer to its last spike or
silence:

    rate_i = fit(count_i · scale)        count_i: spikes of neuron i in the T ticks

and the next window begins with counts of 0. A tick whose first transaction has `restart` is the first of a
window; what had been counted before is dropped.

With 32 bits that wrap, and a scale of its own, it is the rate bank of SC-NeuroCore 3.16.0: the low 32 bits of
count · SCALE, where a window of less than 2^16 ticks keeps its 16-bit count from wrapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Overflow, Q, fit, unsigned
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Params:
    """Sizes and formats, fixed when the hardware is made.

    neurons: m. window: its ticks, T. scale: of a count.
    width, overflow: bits of a rate, and what becomes of one that does not fit.
    """

    neurons: int = 4
    window: int = 16
    scale: int = 1
    width: int = 32
    overflow: Overflow = Overflow.WRAP

    def __post_init__(self) -> None:
        for name in ("neurons", "window"):
            if not 1 <= getattr(self, name) <= 1 << 24:
                raise RangeError(f"{name} = {getattr(self, name)}: 1 … {1 << 24} are possible")
        if not 1 <= self.scale < 1 << 32:
            raise RangeError(f"scale = {self.scale}: 1 … {(1 << 32) - 1} are possible")
        if not 1 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a rate has 1 … 62 bits")
        if self.overflow is Overflow.TRAP:
            raise BadInput("overflow = trap: a rate has no overflow flag; use saturate or wrap")

    @property
    def rate(self) -> Q:
        """Format of a rate."""
        return unsigned(self.width)


def inputs(params: Params) -> Mapping[str, Port]:
    """The spike, or silence, of one neuron after the other, and whether a window begins with this tick."""
    return {"input": Port({"spike": unsigned(1), "restart": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """In the last tick of a window, the rate of one neuron after the other."""
    return {"output": Port({"rate": params.rate})}


@dataclass(frozen=True)
class State:
    """The neuron and the tick that come next, and what has been counted in this window."""

    neuron: int = 0
    tick: int = 0
    counts: tuple[int, ...] = ()


def initial(params: Params, configuration: Configuration) -> State:
    """A window that begins."""
    return State(counts=(0,) * params.neurons)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int]]]:
    """One spike, or silence."""
    spike, restart = transaction
    neuron, tick, counts = state.neuron, state.tick, list(state.counts)
    if restart and neuron == 0:
        tick = 0
    if tick == 0:
        counts[neuron] = 0
    counts[neuron] += spike
    ends = tick == params.window - 1
    rates = [(fit(counts[neuron] * params.scale, params.rate, params.overflow),)] if ends else []
    if neuron < params.neurons - 1:
        return State(neuron + 1, tick, tuple(counts)), rates
    return State(0, 0 if ends else tick + 1, tuple(counts)), rates


CORE = Core(
    name="sc.firing_rate",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=1),  # the first ticks of a window have no answer
)
