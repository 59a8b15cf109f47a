"""From exact sums to bit streams: what stays, what is scaled, which sources are heard, what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine import network as engine
from spikelock.models.engine.sc.tile import Tile
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import tile
from spikelock.models.network.explain import explain
from spikelock.models.network.program import Population, Program
from spikelock.models.network.program_file import load_program, save_program
from spikelock.models.network.stochastic import Stochastic, exact_weights, stochastic
from spikelock.models.neurons import lif
from spikelock.models.sc import dense
from spikelock.models.sc import tile as sc_tile

NEURON = lif.Params(current_width=14, threshold=150, leak=40, refractory_period=1)


@pytest.fixture
def feed_forward() -> Program:
    """Six inputs, a hidden population that hears them, and one of four that hears the hidden alone."""
    random = np.random.default_rng(4)
    populations = []
    for name, neurons, axons, first in (("hidden", 8, 6, 0), ("output", 4, 14, 6)):
        params = tile.Params(NEURON, neurons, axons, synapses=(axons - first) * neurons)
        source, target = np.divmod(np.arange((axons - first) * neurons), neurons)
        contents = tile.rows_and_synapses(
            params, source + first, target, random.integers(-40, 128, len(source))
        )
        contents["bias"] = tile.memories(params)["bias"].layout.records(random.integers(-5, 20, neurons))
        populations.append(Population(name, params, tile.CORE.configuration(params, {"leak": 33}, contents)))
    return Program(6, tuple(populations), "output", {"source": "random"})


def sizes_of(population: Population) -> sc_tile.Params:
    assert isinstance(population.params, sc_tile.Params)
    return population.params


def test_neurons_biases_and_registers_stay(feed_forward: Program) -> None:
    program, notes = stochastic(feed_forward, Stochastic(length=128, lanes=4, parallel=3))
    assert (program.inputs, program.output, program.addresses) == (6, "output", 18)
    for exact, streams in zip(feed_forward.populations, program.populations, strict=True):
        assert streams.name == exact.name
        assert sizes_of(streams).neuron == exact.exact.neuron
        assert streams.configuration.registers == exact.configuration.registers
        assert streams.configuration.registers["leak"] == 33
        ours, theirs = (p.configuration.memories["bias"]["bias"].tolist() for p in (exact, streams))
        assert ours == theirs
    assert program.about["source"] == "random"
    assert program.about["stochastic"] == {
        "length": 128,
        "product": "and",
        "source_width": 16,
        "lanes": 4,
        "parallel": 3,
        "kind": "fibonacci_left",
    }
    assert notes[1].startswith("output: 32 synapses by streams of 128 bits, 12 at a time: ")


def test_a_layer_hears_whole_populations_and_no_others(feed_forward: Program) -> None:
    hidden, output = (sizes_of(p) for p in stochastic(feed_forward, Stochastic())[0].populations)
    assert (hidden.first, hidden.layer.inputs, hidden.axons) == (0, 6, 6)
    assert (output.first, output.layer.inputs, output.axons) == (6, 8, 14)
    assert (hidden.layer.lanes, output.layer.lanes, output.layer.parallel) == (6, 8, 1)


@pytest.mark.parametrize("length", [1, 64, 100, 1024, 4096])
def test_the_scale_gives_the_expected_current(feed_forward: Program, length: int) -> None:
    program, _ = stochastic(feed_forward, Stochastic(length=length))
    layer = sizes_of(program.populations[0]).layer
    scale = Fraction(layer.gain, 1 << layer.shift)
    wanted = Fraction(128, length)
    assert abs(scale - wanted) <= wanted / 10**5
    assert (scale == wanted) == (length != 100)


@pytest.mark.parametrize("product", dense.Product)
@pytest.mark.parametrize("source_width", [8, 9])
def test_streams_of_a_whole_period_give_the_exact_currents(product: dense.Product, source_width: int) -> None:
    """A register that goes once round its cycle meets every number but 0: the count is |W| of S, less one."""
    params = tile.Params(NEURON, neurons=1, axons=3, synapses=3)
    contents = tile.rows_and_synapses(params, np.arange(3), np.zeros(3, int), np.array([100, -60, 127]))
    contents["bias"] = tile.memories(params)["bias"].layout.records([7])
    exact = Program(3, (Population("one", params, tile.CORE.configuration(params, {}, contents)),), "one")
    program, _ = stochastic(exact, Stochastic((1 << source_width) - 1, product, source_width))
    (population,) = program.populations
    spikes = np.array(np.meshgrid(*[[False, True]] * 3)).reshape(3, -1).T
    currents = Tile(sizes_of(population), population.configuration, len(spikes)).currents(spikes)[:, 0]
    wanted = spikes @ np.array([100, -60, 127]) + 7
    slack = 3 if product is dense.Product.AND else 200  # with XNOR a silent input is noise
    assert np.abs(currents - wanted).max() <= slack
    if product is dense.Product.XNOR:
        assert abs(currents[-1] - wanted[-1]) <= 4, "with every input at full scale nothing is noise"


def test_the_error_falls_with_the_length(feed_forward: Program) -> None:
    weights = exact_weights(feed_forward.populations[0])
    spikes = np.random.default_rng(5).random((50, 6)) < 0.5
    exact = spikes @ weights.T + feed_forward.populations[0].configuration.memories["bias"]["bias"]
    errors = []
    for length in (16, 256, 4096, 65535):
        population = stochastic(feed_forward, Stochastic(length=length))[0].populations[0]
        given = Tile(sizes_of(population), population.configuration, 50).currents(spikes)
        errors.append(float(np.abs(given - exact).mean()))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 10 > 1 > errors[-1]


def test_a_program_file_brings_it_back(feed_forward: Program, tmp_path: Path) -> None:
    program, _ = stochastic(feed_forward, Stochastic(length=20, product=dense.Product.XNOR, lanes=3))
    save_program(program, tmp_path / "p.spikelock")
    loaded = load_program(tmp_path / "p.spikelock")
    assert loaded.params == program.params
    assert loaded.about == program.about
    save_program(loaded, tmp_path / "q.spikelock")
    assert (tmp_path / "q.spikelock").read_bytes() == (tmp_path / "p.spikelock").read_bytes()


def test_a_lost_spike_is_explained_by_what_the_streams_gave(feed_forward: Program) -> None:
    program, _ = stochastic(feed_forward, Stochastic(length=64))
    spikes: NDArray[np.bool_] = np.random.default_rng(2).random((3, 15, 6)) < 0.4
    trace = engine.run(program, spikes, probe=["output"])
    fired = np.flatnonzero((trace.events["kind"] == 0) & (trace.events["address"] >= 14))
    index = int(fired[len(fired) // 2])
    found = explain(program, spikes, trace, replace(trace, events=np.delete(trace.events, index)))
    assert found is not None
    assert (found.population, found.what) == ("output", "spike missing")
    assert found.given is not None
    assert found.index is not None
    heard = trace.raster()[found.sample, found.tick, 6:14]
    assert [axon - 6 for axon in found.given.axons] == np.flatnonzero(heard).tolist()
    output = program.populations[1]
    current = Tile(sizes_of(output), output.configuration, 1).currents(
        trace.raster()[found.sample, found.tick : found.tick + 1, :14]
    )
    assert found.given.sum + found.given.bias == current[0, found.index]


@pytest.mark.parametrize(
    ("choices", "error", "says"),
    [
        ({"length": 0}, RangeError, "length = 0: 1 or more is needed; 256 works"),
        ({"length": 65537}, RangeError, "length = 65537: the numbers of 16 bits come again after 65535"),
        ({"source_width": -1}, RangeError, "source_width = -1: 3 … 62 bits"),
        ({"lanes": 0}, RangeError, "lanes = 0: 1 or more"),
        ({"parallel": -1}, RangeError, "parallel = -1: 1 or more"),
        (
            {"source_width": 6, "length": 64},
            RangeError,
            "source_width = 6: the weights of 8 bits need 7 bits",
        ),
        (
            {"source_width": 7, "product": dense.Product.XNOR, "length": 128},
            RangeError,
            "source_width = 7: the weights of 8 bits need 8 bits",
        ),
        (
            {"source_width": 5, "length": 32},
            RangeError,
            "width = 5: 6 inputs and 8 neurons need 54 different seeds",
        ),
    ],
)
def test_impossible_choices_are_refused(
    feed_forward: Program, choices: dict[str, int], error: type[BadInput], says: str
) -> None:
    with pytest.raises(error, match=says):
        stochastic(feed_forward, Stochastic(**choices))  # type: ignore[arg-type]


def test_recurrent_and_stochastic_populations_are_refused(program: Program, feed_forward: Program) -> None:
    with pytest.raises(BadInput, match="hidden: its neurons are connected among each other"):
        stochastic(program, Stochastic())
    with pytest.raises(BadInput, match="hidden has bit streams already"):
        stochastic(stochastic(feed_forward, Stochastic())[0], Stochastic())


def test_a_population_without_synapses_hears_all(feed_forward: Program) -> None:
    first = feed_forward.populations[0]
    memories = tile.rows_and_synapses(first.exact, *(np.zeros(0, int) for _ in range(3)))
    alone = Program(
        6, (replace(first, configuration=tile.CORE.configuration(first.exact, {}, memories)),), "hidden"
    )
    sizes = sizes_of(stochastic(alone, Stochastic())[0].populations[0])
    assert (sizes.first, sizes.layer.inputs) == (0, 6)
