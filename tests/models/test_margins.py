"""Margins of currents: exact, and what they promise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine import network
from spikelock.models.engine.margins import Margins, errors_and_spreads, margins
from spikelock.models.engine.neurons.lif import LIF
from spikelock.models.engine.sc.tile import Tile as StochasticTile
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.network.program import Population, Program
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.neurons import lif
from spikelock.models.sc import tile as sc_tile


def with_neuron(program: Program, registers: dict[str, int] | None = None, **changed: Any) -> Program:
    """The same program with other neurons."""
    populations = []
    for one in program.populations:
        assert isinstance(one.params, tile.Params)
        params = replace(one.params, neuron=replace(one.params.neuron, **changed))
        configuration = tile.CORE.configuration(params, registers, one.configuration.memories)
        populations.append(Population(one.name, params, configuration))
    return Program(program.inputs, tuple(populations), program.output)


def currents(program: Program, number: int, raster: NDArray[np.bool_]) -> Any:
    """Of a population, from its synapses one by one."""
    population = program.populations[number]
    params, memories = population.params, population.configuration.memories
    samples, ticks, _ = raster.shape
    out = np.zeros((samples, ticks, params.neurons), np.int64) + memories["bias"]["bias"]
    for source, (start, length) in enumerate(memories["rows"].tolist()):
        for target, weight in memories["synapses"][start : start + length].tolist():
            if source < params.axons:
                out[:, :, target] += weight * raster[:, :, source]
            else:
                out[:, 1:, target] += weight * raster[:, :-1, source]
    return out


def fires(neuron: lif.Params, current: Any) -> Any:
    cells = LIF(neuron, {}, current[:, 0].shape, initial=neuron.rest)
    return np.stack([cells.step(current[:, tick]) for tick in range(current.shape[1])], axis=1)


@pytest.mark.parametrize("rounding", [Rounding.FLOOR, Rounding.NEAREST_EVEN])
@pytest.mark.parametrize("mode", lif.ResetMode)
def test_a_margin_is_the_largest_error_that_changes_nothing(
    program: Program, spikes: NDArray[np.bool_], rounding: Rounding, mode: lif.ResetMode
) -> None:
    program = with_neuron(program, rounding=rounding, reset_mode=mode)
    raster = network.run(program, spikes).raster()
    random = np.random.default_rng(3)
    for number, found in enumerate(margins(program, spikes)):
        neuron = program.populations[number].params.neuron
        assert found.free == (0.0 if rounding is Rounding.FLOOR else 0.5)
        exact = currents(program, number, raster)
        expected = fires(neuron, exact)
        assert expected.any()
        margin = found.margin[:, np.newaxis]
        for _ in range(10):  # whatever the errors within the margin, nothing changes
            assert (
                fires(neuron, exact + random.integers(-margin, margin + 1, exact.shape)) == expected
            ).all()
        beyond = [fires(neuron, exact + sign * (margin + 1)) != expected for sign in (1, -1)]
        assert (beyond[0] | beyond[1]).any(axis=1).all()


def test_active_synapses_are_those_whose_source_has_spiked(
    program: Program, spikes: NDArray[np.bool_]
) -> None:
    raster = network.run(program, spikes).raster()
    for number, found in enumerate(margins(program, spikes)):
        memories = dict(program.populations[number].configuration.memories)
        memories["synapses"] = memories["synapses"].copy()
        memories["synapses"]["weight"] = memories["synapses"]["weight"] != 0
        memories["bias"] = np.zeros_like(memories["bias"])
        population = program.populations[number]
        ones = replace(population, configuration=replace(population.configuration, memories=memories))
        counted = replace(
            program, populations=tuple(ones if p is population else p for p in program.populations)
        )
        assert (found.active == currents(counted, number, raster)).all()


def test_errors_and_spreads_are_of_random_sums_only() -> None:
    active = np.array([[[2, 0], [0, 1]]])
    found = Margins("one", np.array([[3, 0]]), active, 8, 100.0)
    ((errors, spreads),) = errors_and_spreads([found], 4)
    assert spreads.tolist() == [2, 1]
    assert errors.tolist() == [3.5 / 8 - 2 / 16, 0.5 / 8 - 1 / 16]


@pytest.mark.parametrize(
    ("registers", "changed"),
    [
        ({}, {"overflow": Overflow.WRAP}),
        ({"gain": -1}, {}),
        ({"leak": -1}, {}),
        ({"leak": 257}, {}),
        ({"leak": 256}, {"rounding": Rounding.NEAREST_EVEN}),
    ],
)
def test_neurons_that_may_fall_where_the_current_rises_are_refused(
    program: Program, spikes: NDArray[np.bool_], registers: dict[str, int], changed: dict[str, Any]
) -> None:
    with pytest.raises(BadInput, match=r"population hidden: overflow .* margins are known where"):
        margins(with_neuron(program, registers, **changed), spikes)
    margins(with_neuron(program, {"leak": 256}), spikes)  # with floor that works


def test_streams_within_the_margins_change_no_spike(program: Program, spikes: NDArray[np.bool_]) -> None:
    """The promise on a network of streams: its sums, on the inputs of the exact run, are the condition."""
    forward = feed_forward(program)
    raster = network.run(forward, spikes).raster()
    found = margins(forward, spikes)
    within = dict[int, int]()
    for length in (256, 4096, 32768):
        made, _ = stochastic(forward, Stochastic(length))
        kept = np.ones(len(spikes), np.bool_)
        for number, population in enumerate(made.populations):
            assert isinstance(population.params, sc_tile.Params)
            tile_of_streams = StochasticTile(population.params, population.configuration, len(spikes))
            for tick in range(spikes.shape[1]):
                given = tile_of_streams.currents(raster[:, tick, : population.params.axons])
                off = np.abs(given - currents(forward, number, raster)[:, tick])
                kept &= (off <= found[number].margin).all(axis=1)
        got = network.run(made, spikes).raster()
        assert (got[kept] == raster[kept]).all()
        assert (got[~kept] != raster[~kept]).any() or kept.all()
        within[length] = int(kept.sum())
    assert 0 == within[256] < within[32768]


def feed_forward(program: Program) -> Program:
    """The program without its loop, and with neurons that round to the nearest."""
    populations = []
    for one in program.populations:
        neuron = replace(one.exact.neuron, rounding=Rounding.NEAREST_EVEN)
        params = replace(one.exact, recurrent=False, neuron=neuron)
        rows = one.configuration.memories["rows"][: params.rows]
        memories = {**one.configuration.memories, "rows": rows}
        populations.append(Population(one.name, params, tile.CORE.configuration(params, memories=memories)))
    return Program(program.inputs, tuple(populations), program.output)
