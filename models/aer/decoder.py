"""From events to spike vectors: the specification of `aer.decoder`.

    SPIKE base+1, SPIKE base+2, SPIKE base+4, TICK  ──▶  spikes 0b10110, and what was wrong in this step

A spike of neuron i has the address base + i. At each mark, TICK, the vector of the step leaves, with counts
of its events that are not in it:

    late      its tick is not the number of this step, modulo 2^tick_width; marks too; where there are ticks
    outside   a spike whose address is that of no neuron
    doubled   a spike of a neuron that has already spiked in this step
    other     neither a spike nor a mark

An event is counted once, by the first of these that is true. Counts stop at 2^count_width − 1, and begin anew
with each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from .event import Format, Neurons, spike_vector


@dataclass(frozen=True)
class Params(Neurons):
    """neurons: bits of a vector, 1 … 4096. base: the address of neuron 0. event: the format, no payload.

    count_width: bits of each count, 1 … 32.
    """

    count_width: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.count_width <= 32:
            raise RangeError(f"count_width = {self.count_width}: a count has 1 … 32 bits; 8 is usual")

    @property
    def counts(self) -> tuple[str, ...]:
        """What is counted."""
        return (*(["late"] if self.event.tick_width else []), "outside", "doubled", "other")


def inputs(params: Params) -> Mapping[str, Port]:
    """Spikes and marks."""
    return {"input": params.event.port()}


def outputs(params: Params) -> Mapping[str, Port]:
    """A spike vector a step, and its counts."""
    counts = dict.fromkeys(params.counts, unsigned(params.count_width))
    return {"vector": Port({**spike_vector(params.neurons), **counts})}


@dataclass(frozen=True)
class State:
    """Neurons that spiked in this step, as bits; what was counted; the number of the step."""

    spikes: int = 0
    counted: tuple[str, ...] = ()
    tick: int = 0


def reference(
    params: Params, configuration: Configuration, state: State, event: tuple[int, ...]
) -> tuple[State, list[tuple[int, ...]]]:
    """One event."""
    kind, address, *stamp = event
    spikes, counted = state.spikes, state.counted
    neuron = address - params.base
    if stamp and stamp[0] != state.tick:
        counted = (*counted, "late")
    elif kind == Kind.SPIKE and not 0 <= neuron < params.neurons:
        counted = (*counted, "outside")
    elif kind == Kind.SPIKE and spikes >> neuron & 1:
        counted = (*counted, "doubled")
    elif kind == Kind.SPIKE:
        spikes |= 1 << neuron
    elif kind != Kind.TICK:
        counted = (*counted, "other")
    if kind != Kind.TICK:
        return State(spikes, counted, state.tick), []
    words = [spikes >> first & (1 << 64) - 1 for first in range(0, params.neurons, 64)]
    counts = [min(counted.count(name), (1 << params.count_width) - 1) for name in params.counts]
    return State(tick=(state.tick + 1) % (1 << params.event.tick_width)), [(*words, *counts)]


COSTED: Mapping[str, Params] = {"64-neurons": Params(neurons=64, event=Format(16))}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="aer.decoder",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
