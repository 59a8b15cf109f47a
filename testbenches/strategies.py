"""Hypothesis strategies for any core: values of a format, records of a port, and the parameters of the cores.

Awkward formats and extreme values are drawn often, so that saturation, wrapping and ties are common.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from spikelock.models.core import Configuration, Core
from spikelock.models.fabric import chain, tile
from spikelock.models.fixed import Overflow, Q, Rounding
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif
from spikelock.models.ports import Layout, Records, RegisterMap
from spikelock.models.sc import dense
from spikelock.models.sc import tile as sc_tile
from spikelock.testbenches.lockstep import PRESETS, Job, Stall, exactly

WIDTHS = (1, 2, 5, 8, 12, 16, 31, 32)
"""Widths of membrane potentials and currents."""

COEFFICIENT_WIDTHS = (1, 2, 8, 9, 16, 27)
"""Widths of leak and gain: with any of `WIDTHS`, all intermediate results fit the engine's int64."""

ZEROS: dict[str, Any] = dict.fromkeys(lif.settings(lif.Params()), 0)
"""Settings of `neurons.lif` that fit any format."""


def raw(q: Q) -> st.SearchStrategy[int]:
    """Raw integers of a format: its ends, small numbers, and any."""
    ends = [value for value in (q.minimum, q.minimum + 1, q.maximum - 1, q.maximum) if value in _span(q)]
    small = st.integers(max(q.minimum, -20), min(q.maximum, 20))
    return st.one_of(small, st.integers(q.minimum, q.maximum), st.sampled_from(ends))


def records(layout: Layout, max_size: int = 40) -> st.SearchStrategy[Records]:
    """Transactions of a port, or contents of a memory."""
    return st.lists(st.tuples(*map(raw, layout.fields.values())), max_size=max_size).map(layout.from_tuples)


def registers(core: Core, params: Any) -> st.SearchStrategy[dict[str, int]]:
    """Values of all registers of a core."""
    return _values(core.registers(params))


def _values(registers: RegisterMap) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({name: raw(register.q) for name, register in registers.items()})


@st.composite
def lif_params(draw: st.DrawFn, /, **given: Any) -> lif.Params:
    """Parameters of `neurons.lif`, of which some may be given."""
    fixed: dict[str, Any] = {
        "width": draw(st.sampled_from(WIDTHS)),
        "current_width": draw(st.sampled_from(WIDTHS)),
        "coefficient_width": draw(st.sampled_from(COEFFICIENT_WIDTHS)),
        "refractory_width": draw(st.sampled_from((1, 2, 8))),
        "noise": draw(st.booleans()),
        "constants": draw(st.booleans()),
        "reset_mode": draw(st.sampled_from(lif.ResetMode)),
        "rounding": draw(st.sampled_from(Rounding)),
        "overflow": draw(st.sampled_from(Overflow)),
        "random": draw(st.sampled_from(("fibonacci16_left", "fibonacci16_right"))),
        "seed": draw(st.integers(1, 65_535)),
    } | given
    longest = min(fixed["coefficient_width"], 16)
    fractions = {name: draw(st.integers(0, longest)) for name in ("leak_fraction", "gain_fraction")}
    fixed = fractions | {"fraction": draw(st.integers(0, fixed["width"]))} | fixed
    values: dict[str, Any] = draw(_values(lif.settings(lif.Params(**fixed, **ZEROS))))
    return lif.Params(**fixed, **values)


@st.composite
def tile_params(draw: st.DrawFn, /, **given: Any) -> tile.Params:
    """Parameters of small tiles. Accumulators have room for `tile_configuration` and 60 events a tick."""
    overflow = draw(st.sampled_from((Overflow.SATURATE, Overflow.WRAP)))
    width = draw(st.sampled_from((16, 20, 31)))
    sizes: dict[str, Any] = {
        "neuron": draw(lif_params(noise=False, overflow=overflow, current_width=width)),
        "neurons": draw(st.integers(1, 6)),
        "axons": draw(st.integers(1, 6)),
        "synapses": draw(st.sampled_from((1, 7, 72))),
        "weight_width": draw(st.integers(1, 8)),
        "recurrent": draw(st.booleans()),
    }
    return tile.Params(**(sizes | given))


@st.composite
def tile_configuration(draw: st.DrawFn, params: tile.Params) -> Configuration:
    """Any registers, connections and biases for a tile."""
    layouts = {name: memory.layout for name, memory in tile.memories(params).items()}
    pairs = st.tuples(st.integers(0, params.rows - 1), st.integers(0, params.neurons - 1))
    weights = raw(layouts["synapses"].fields["weight"])
    connections = draw(st.dictionaries(pairs, weights, max_size=params.synapses))
    columns = [(*pair, weight) for pair, weight in connections.items()]
    source, target, weight = (np.array([row[i] for row in columns], np.int64) for i in range(3))
    memories = tile.rows_and_synapses(params, source, target, weight)
    biases = st.lists(st.integers(-500, 500), min_size=params.neurons, max_size=params.neurons)
    memories["bias"] = layouts["bias"].records(draw(biases))
    return tile.CORE.configuration(params, draw(registers(tile.CORE, params)), memories)


@st.composite
def stochastic_tile_params(draw: st.DrawFn, /, **given: Any) -> sc_tile.Params:
    """Parameters of small tiles of bit streams, of which some may be given."""
    overflow = draw(st.sampled_from((Overflow.SATURATE, Overflow.WRAP)))
    axons = given.get("axons") or draw(st.integers(1, 6))
    first = draw(st.integers(0, axons - 1))
    inputs, neurons = draw(st.integers(1, axons - first)), draw(st.integers(1, 6))
    layer = dense.Params(
        inputs,
        neurons,
        draw(st.sampled_from(dense.Product)),
        width=draw(st.sampled_from((7, 10, 16))),
        length=draw(st.sampled_from((1, 7, 64, 70))),
        lanes=draw(st.integers(1, inputs)),
        parallel=draw(st.integers(1, neurons)),
        gain=draw(st.sampled_from((-3, 1, 7))),
        shift=draw(st.integers(0, 3)),
        rounding=draw(st.sampled_from((Rounding.FLOOR, Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY))),
        neuron=draw(lif_params(noise=False, overflow=overflow)),
    )
    return sc_tile.Params(layer, axons, first)


@st.composite
def stochastic_tile_configuration(draw: st.DrawFn, params: sc_tile.Params) -> Configuration:
    """Any registers, weights and biases for such a tile."""
    layer, full = params.layer, params.full_scale
    row = st.lists(st.integers(-full, full), min_size=layer.inputs, max_size=layer.inputs)
    weights = draw(st.lists(row, min_size=layer.neurons, max_size=layer.neurons))
    biases = draw(st.lists(raw(layer.current), min_size=layer.neurons, max_size=layer.neurons))
    memories = dense.contents(layer, np.array(weights, np.int64), np.array(biases, np.int64))
    return sc_tile.CORE.configuration(params, draw(registers(sc_tile.CORE, params)), memories)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Networks of one to three populations of either kind, which may take spikes from all before them."""
    inputs = draw(st.integers(1, 5))
    axons, populations = inputs, list[Population]()
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            exact = draw(tile_params(axons=axons))
            population = Population(f"layer{number}", exact, draw(tile_configuration(exact)))
        else:
            streams = draw(stochastic_tile_params(axons=axons))
            population = Population(f"layer{number}", streams, draw(stochastic_tile_configuration(streams)))
        populations.append(population)
        axons += population.params.neurons
    return Program(inputs, tuple(populations), populations[-1].name)


def event_streams(params: chain.TileParams, max_size: int = 60) -> st.SearchStrategy[Records]:
    """Events for a tile, in any order: known and unknown addresses, marks anywhere."""
    port = tile.event(params.axons)
    spike = st.tuples(st.just(int(tile.Kind.SPIKE)), raw(port.fields["address"]))
    tick = st.just((int(tile.Kind.TICK), 0))
    other = st.tuples(st.sampled_from([int(kind) for kind in tile.Kind]), raw(port.fields["address"]))
    return st.lists(st.one_of(spike, tick, other), max_size=max_size).map(port.from_tuples)


def stalls() -> st.SearchStrategy[Stall]:
    """Stall patterns: those of benches, and any few cycles."""
    listed = st.sets(st.integers(0, 60), max_size=12).map(exactly)
    return st.one_of(st.sampled_from(list(PRESETS.values())), listed)


@st.composite
def jobs(
    draw: st.DrawFn, core: Core, params: Any, recorded: Mapping[str, Records], max_size: int = 30
) -> Job:
    """What a core may be sent, and when: transactions, stalls of every stream, a seed, resets.

    recorded: transactions that mean something to the core, such as a bench's stimulus. Stretches of them, as
    they are, alternate with transactions of any value.
    """
    ports = core.inputs(params)
    length = min(map(len, recorded.values()))
    parts: list[Mapping[str, Records]] = []
    for _ in range(draw(st.integers(1, 4))):
        count = draw(st.integers(1, max_size))
        if length and draw(st.booleans()):
            start = draw(st.integers(0, length - 1))
            parts.append({name: recorded[name][start : start + count] for name in ports})
        else:
            rows = {n: st.tuples(*map(raw, port.fields.values())) for n, port in ports.items()}
            steps = draw(st.lists(st.fixed_dictionaries(rows), min_size=1, max_size=min(count, 8)))
            parts.append({n: port.from_tuples([step[n] for step in steps]) for n, port in ports.items()})
    inputs = {name: np.concatenate([part[name] for part in parts]) for name in ports}
    streams = [*ports, *core.outputs(params)]
    return Job(
        inputs,
        stalls={name: draw(stalls()) for name in streams},
        seed=draw(st.integers(0, 1_000)),
        resets=tuple(sorted(draw(st.sets(st.integers(0, 2 * len(inputs[streams[0]])), max_size=3)))),
    )


def _span(q: Q) -> range:
    return range(q.minimum, q.maximum + 1)
