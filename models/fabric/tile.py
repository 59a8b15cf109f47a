"""A population of LIF neurons with its synapse memory, time-multiplexed over one datapath: `fabric.tile`.

Events come in and go out on one stream each, so tiles join into a chain. All tiles of a chain share one
address space: addresses 0 … axons − 1 are the sources upstream of this tile (inputs first, then earlier
tiles), and the tile's own neuron i has address axons + i. Each source has a row of synapses (target neuron,
weight).

    SPIKE a, a < axons:  accumulator[target] += weight  for each synapse of row a; the event is passed on
    SPIKE a, otherwise:  FAULT a is sent instead: nothing upstream has this address
    TICK:     for i = 0, 1, …:  neuron i takes one step of `neurons.lif` with accumulator[i] + bias[i];
                                accumulator[i] = 0; a spike sends SPIKE axons + i
              recurrent:        then each neuron that fired adds its own row, to be seen at the next tick
              TICK is passed on
    RESTART:  every neuron returns to rest, not refractory; accumulators and the LFSR return to their reset
              values; RESTART is passed on
    FAULT:    is passed on

So all spikes of a tick leave in the order of their addresses after the spikes that came in, and before the
tick mark. Integer sums do not depend on their order, so neither does a tick on the order of its events; the
sums cannot overflow when `required_current_width` of the loaded memories is at most the current width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Overflow, signed, unsigned
from spikelock.models.neurons import lif
from spikelock.models.ports import Layout, Memory, MemoryMap, Port, Records, RegisterMap, index_bits


class Kind(IntEnum):
    """What an event is."""

    SPIKE = 0
    TICK = 1
    RESTART = 2
    FAULT = 3


@dataclass(frozen=True)
class Params:
    """Sizes of a tile, fixed when the hardware is made.

    neuron: formats and modes of its neurons; `current_width` is also the width of accumulators and biases.
    neurons, axons: how many neurons, and how many upstream addresses.
    synapses: how many synapses the synapse memory holds.
    weight_width: bits of a weight (signed).
    recurrent: neurons have rows of their own, delivered one tick later.
    """

    neuron: lif.Params = field(default_factory=lif.Params)
    neurons: int = 16
    axons: int = 16
    synapses: int = 256
    weight_width: int = 8
    recurrent: bool = False

    def __post_init__(self) -> None:
        for name in ("neurons", "axons", "synapses", "weight_width"):
            if getattr(self, name) < 1:
                raise RangeError(f"{name} = {getattr(self, name)}: must be 1 or more")
        if self.weight_width > self.neuron.current_width:
            raise RangeError(
                f"weight_width = {self.weight_width} is more than the accumulators' current_width = "
                f"{self.neuron.current_width}: make current_width larger"
            )
        if self.neuron.noise:
            raise RangeError("neuron.noise = True: a tile has no noise input; use noise=False")
        if self.neuron.overflow is Overflow.TRAP:
            raise RangeError(
                "neuron.overflow = trap: an event stream has no overflow flag; use saturate or wrap"
            )

    @property
    def rows(self) -> int:
        """Sources that have a row of synapses."""
        return self.axons + (self.neurons if self.recurrent else 0)


def event(addresses: int) -> Port:
    """The event stream over that many addresses. Marks (TICK, RESTART) carry address 0."""
    return Port({"kind": unsigned(2), "address": unsigned(index_bits(addresses))})


def memories(params: Params) -> MemoryMap:
    """What a host loads."""
    target = unsigned(index_bits(params.neurons))
    return {
        "rows": Memory(
            params.rows,
            Layout(
                {
                    "start": unsigned(index_bits(params.synapses)),
                    "length": unsigned(index_bits(params.neurons + 1)),
                }
            ),
            "by source address: first synapse, and how many",
        ),
        "synapses": Memory(
            params.synapses,
            Layout({"target": target, "weight": signed(params.weight_width)}),
            "synapses of all rows, one row after the other; a target at most once a row",
        ),
        "bias": Memory(
            params.neurons,
            Layout({"bias": signed(params.neuron.current_width)}),
            "by neuron: added to the accumulator at every tick",
        ),
    }


@dataclass
class State:
    """Membranes and refractory counters as LIF states, accumulators, and the LFSR shared by all neurons."""

    neurons: list[tuple[int, int]]
    accumulators: list[int]
    random: int


def initial(params: Params, configuration: Configuration) -> State:
    """All neurons at `rest`, not refractory, nothing accumulated."""
    rest = configuration.registers.get("rest", params.neuron.rest)
    return State([(rest, 0)] * params.neurons, [0] * params.neurons, params.neuron.seed)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int, int]]]:
    """One event, in exact integers. Raises RangeError where an accumulator overflows: unchecked memories."""
    kind, address = transaction
    if kind == Kind.SPIKE:
        if address >= params.axons:
            return state, [(Kind.FAULT, address)]
        return _deliver(params, configuration, state, address), [(Kind.SPIKE, address)]
    if kind == Kind.RESTART:
        return initial(params, configuration), [(Kind.RESTART, 0)]
    if kind == Kind.FAULT:
        return state, [(Kind.FAULT, address)]

    bias = configuration.memories["bias"]["bias"].tolist()
    neurons, fired, random = [], [], state.random
    for index, (membrane, refractory) in enumerate(state.neurons):
        before = lif.State(membrane, refractory, random)
        current = state.accumulators[index] + bias[index]
        _check_current(params, index, current)
        after, [(spike, *_)] = lif.reference(params.neuron, configuration, before, (current,))
        neurons.append((after.membrane, after.refractory))
        random = after.random
        if spike:
            fired.append(params.axons + index)
    state = State(neurons, [0] * params.neurons, random)
    if params.recurrent:
        for source in fired:
            state = _deliver(params, configuration, state, source)
    return state, [*((Kind.SPIKE, source) for source in fired), (Kind.TICK, 0)]


def _deliver(params: Params, configuration: Configuration, state: State, source: int) -> State:
    """Adds the row of a source to the accumulators."""
    start, length = configuration.memories["rows"][source].item()
    accumulators = list(state.accumulators)
    for target, weight in configuration.memories["synapses"][start : start + length].tolist():
        accumulators[target] += weight
        _check_current(params, target, accumulators[target])
    return State(state.neurons, accumulators, state.random)


def _check_current(params: Params, index: int, value: int) -> None:
    limit = 1 << (params.neuron.current_width - 1)
    if not -limit <= value < limit:
        raise RangeError(
            f"accumulator of neuron {index} reached {value}, beyond {params.neuron.current_width} bits; "
            "use a larger current_width (see required_current_width)"
        )


def required_current_width(params: Params, configuration: Configuration) -> int:
    """Bits with which no accumulator, nor accumulator plus bias, can overflow, whatever the order of events.

    For each neuron all positive weights together, and all negative ones, with and without its bias, are
    bounds: a source sends at most one spike a tick. Shape: one number for the whole tile.
    """
    rows, synapses = configuration.memories["rows"], configuration.memories["synapses"]
    bias = configuration.memories["bias"]["bias"]
    high = np.zeros(params.neurons, np.int64)
    low = np.zeros(params.neurons, np.int64)
    for start, length in rows.tolist():
        row = synapses[start : start + length]
        np.add.at(high, row["target"], np.maximum(row["weight"], 0))
        np.add.at(low, row["target"], np.minimum(row["weight"], 0))
    most = max(int(high.max()), int((high + bias).max()), 0)
    least = min(int(low.min()), int((low + bias).min()), 0)
    return max(most.bit_length(), (-least - 1).bit_length() if least else 0) + 1


def registers(params: Params) -> RegisterMap:
    """The registers of the neurons, shared by all of them; none where these are constants."""
    return lif.registers(params.neuron)


def inputs(params: Params) -> Mapping[str, Port]:
    """Events from upstream."""
    return {"input": event(params.axons)}


def outputs(params: Params) -> Mapping[str, Port]:
    """Events to downstream: all that came in, and the tile's own spikes."""
    return {"output": event(params.axons + params.neurons)}


def rows_and_synapses(
    params: Params, sources: Records, targets: Records, weights: Records
) -> dict[str, Records]:
    """The `rows` and `synapses` memories of a connection list, in address order.

    Shapes: three equal lengths. Zero weights are kept. Raises RangeError where a pair occurs twice or does
    not fit.
    """
    order = np.lexsort((targets, sources))
    sources, targets, weights = sources[order], targets[order], weights[order]
    twice = (np.diff(sources) == 0) & (np.diff(targets) == 0)
    if twice.any():
        at = int(np.argmax(twice))
        raise RangeError(
            f"source {sources[at]} reaches neuron {targets[at]} twice: add the weights to make one synapse"
        )
    if len(sources) > params.synapses:
        raise RangeError(
            f"{len(sources)} synapses do not fit a tile of {params.synapses}: make `synapses` larger"
        )
    length = np.bincount(sources, minlength=params.rows)
    if len(length) > params.rows:
        raise RangeError(f"source {sources.max()} has no row: this tile has rows for 0 … {params.rows - 1}")
    start = np.minimum(np.cumsum(length) - length, params.synapses - 1)
    layout = memories(params)
    return {
        "rows": layout["rows"].layout.records(start, length),
        "synapses": layout["synapses"].layout.records(targets, weights),
    }


COSTED: Mapping[str, Params] = {
    "default": Params(),
    "256-neurons": Params(neurons=256, axons=256, synapses=4096),
    "256-neurons-compact": Params(lif.COMPACT, neurons=256, axons=256, synapses=4096),
}
"""Configurations whose cost is reported: with neurons set by registers, and with compact ones."""

CORE = Core(
    name="fabric.tile",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=memories,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
