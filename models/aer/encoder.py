"""From spike vectors to events: the specification of `aer.encoder`.

    spikes 0b10110  ──▶  SPIKE base+1, SPIKE base+2, SPIKE base+4, TICK

A vector is one step. Each of its spikes leaves as one event, in the order of addresses, and then the mark:
all neurons that spike at once come out, and none twice. The field `tick`, where there is one, is the number
of vectors before, modulo 2^tick_width; of the mark too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Port

from .event import Format, Neurons, spike_vector


@dataclass(frozen=True)
class Params(Neurons):
    """neurons: bits of a vector, 1 … 4096. base: the address of neuron 0. event: the format, no payload."""


def inputs(params: Params) -> Mapping[str, Port]:
    """Spike vectors, one a step."""
    return {"vector": Port(spike_vector(params.neurons))}


def outputs(params: Params) -> Mapping[str, Port]:
    """Spikes and marks."""
    return {"output": params.event.port()}


def reference(
    params: Params, configuration: Configuration, tick: int, vector: tuple[int, ...]
) -> tuple[int, list[tuple[int, ...]]]:
    """One vector. State: the number of this step."""
    stamp = (tick,) if params.event.tick_width else ()
    spikes = [n for n in range(params.neurons) if vector[n // 64] >> n % 64 & 1]
    events = [(int(Kind.SPIKE), params.base + n, *stamp) for n in spikes]
    return (tick + 1) % (1 << params.event.tick_width), [*events, (int(Kind.TICK), 0, *stamp)]


COSTED: Mapping[str, Params] = {"64-neurons": Params(neurons=64, event=Format(16))}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="aer.encoder",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: 0,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=None),
)
