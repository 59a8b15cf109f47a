"""Networks of bit streams at all levels; and every way in which their co-simulation must turn red.

The trained digits network with short streams, as the hardware counts them one bit a cycle; what it makes of
long ones is the engine's to tell, and in `examples/digits_stochastic`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from spikelock.models.core import Configuration
from spikelock.models.engine import network as engine
from spikelock.models.fabric import tile as exact_tile
from spikelock.models.mutant import Mutant
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.program import Population, Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.network.trace import Trace
from spikelock.models.neurons import lif
from spikelock.models.sc import tile
from spikelock.testbenches.cosim import Comparison, Cosimulation, cosimulate
from spikelock.testbenches.lockstep import HEAVY
from spikelock.testbenches.network import RTL, Level, Software, Spikes, make_levels
from spikelock.testbenches.pytest_plugin import Size

DIGITS = Path(__file__).resolve().parents[1] / "examples" / "digits"
if not DIGITS.is_dir():  # an installed package has no examples
    pytest.skip("examples/digits is not here: run the tests in a checkout", allow_module_level=True)

SHORT = Stochastic(length=32, lanes=16)


@pytest.fixture(scope="module")
def exact() -> Program:
    return compile_nir(DIGITS / "digits.nir")[0]


@pytest.fixture(scope="module")
def program(exact: Program) -> Program:
    return stochastic(exact, SHORT)[0]


@pytest.fixture(scope="module")
def spikes(program: Program) -> Spikes:
    return read_spikes(DIGITS / "test.npz", program.inputs)[0]


def only(result: Cosimulation) -> Comparison:
    (comparison,) = result.comparisons
    return comparison


def test_images_agree_spike_for_spike(program: Program, spikes: Spikes, size: Size) -> None:
    images = spikes[: size.pick(6, 360)]
    result = cosimulate(program, images, make_levels(program, ["engine", "rtl"], seed=1))
    assert result.agrees, only(result).explanation
    assert only(result).events == len(result.first.trace.events)
    assert result.neuron_spikes > 100 * len(images)


def test_reference_engine_and_rtl_agree_under_heavy_stalls(program: Program, spikes: Spikes) -> None:
    few = spikes[:1, :2]
    levels = [*make_levels(program, ["reference", "engine"]), RTL(program, seed=2, stalls=HEAVY)]
    assert cosimulate(program, few, levels).agrees


def test_a_chain_of_both_kinds_agrees_at_all_levels() -> None:
    """Exact sums, bit streams, exact sums; the stream of the second hears inputs and the first."""
    small = mixed_program()
    few = np.random.default_rng(7).random((3, 8, 4)) < 0.5
    levels = make_levels(small, ["reference", "engine", "rtl", "cocotb"], seed=3)
    result = cosimulate(small, few, levels)
    assert result.agrees, [comparison.explanation for comparison in result.comparisons]
    fired = result.first.trace.raster()[:, :, 4:].any(axis=(0, 1))
    assert fired.all(), f"neurons {np.flatnonzero(~fired)} never fired: nothing is said of them"


def test_one_weight_bit_is_found(program: Program, spikes: Spikes, tmp_path: Path) -> None:
    """The report names the tick and the neuron at which the engine, given the same bit, differs as well."""
    few = spikes[:4]
    broken = with_flipped_weight_bit(program)
    levels: list[Level] = [Software("engine", program), RTL(broken)]
    result = cosimulate(program, few, levels, folder=tmp_path, name="digits", shrink_seconds=2)
    assert not result.agrees
    explanation = only(result).explanation
    assert explanation is not None
    assert (
        explanation.sample,
        explanation.tick,
        explanation.population,
        explanation.index,
    ) == first_difference(program, engine.run(program, few), engine.run(broken, few))
    assert explanation.membrane_since is not None, "the probes show where the membrane potentials part"
    assert explanation.given is not None
    assert explanation.given.axons
    assert explanation.smallest is not None
    wave = only(result).wave
    assert wave is not None
    with wave.open() as file:
        assert "$enddefinitions" in file.read(1 << 20)


def test_one_seed_is_found(program: Program, spikes: Spikes) -> None:
    """Hardware in which one synapse has another source differs where the engine with that source does."""
    small, few = first_neurons(program, 4), spikes[:4]
    broken = with_another_seed(small, few)
    result = cosimulate(small, few, [Software("engine", small), RTL(broken)])
    assert not result.agrees
    explanation = only(result).explanation
    assert explanation is not None
    where = first_difference(small, engine.run(small, few), engine.run(broken, few))
    assert (explanation.sample, explanation.tick, explanation.population, explanation.index) == where


def test_one_operator_of_the_rtl_is_found(program: Program, spikes: Spikes) -> None:
    """Silence is worth half of a spike."""
    small = first_neurons(program, 4)
    mutant = Mutant(
        "silence is worth half", "sc.tile", "params.full_scale, 0)", "params.full_scale, 1 << 15)"
    )
    broken = RTL(small, component=mutant.component("fabric.chain", small.params))
    result = cosimulate(small, spikes[:2], [Software("engine", small), broken])
    assert not result.agrees
    explanation = only(result).explanation
    assert explanation is not None
    assert explanation.population == "hidden"


def test_exact_and_stochastic_sums_differ(exact: Program, program: Program, spikes: Spikes) -> None:
    """So the comparison above is one of bit streams."""
    ours, theirs = engine.run(exact, spikes[:2]), engine.run(program, spikes[:2])
    assert (ours.raster() != theirs.raster()).any()


def mixed_program() -> Program:
    """Four inputs, three neurons with exact sums, three with bit streams, two with exact sums."""
    random = np.random.default_rng(8)
    populations = []
    for name, neurons, axons in (("first", 3, 4), ("second", 3, 7), ("third", 2, 10)):
        sizes = exact_tile.Params(lif.Params(threshold=90), neurons, axons, synapses=axons * neurons)
        source, target = np.divmod(np.arange(axons * neurons), neurons)
        memories = exact_tile.rows_and_synapses(
            sizes, source, target, random.integers(-20, 90, axons * neurons)
        )
        configuration = exact_tile.CORE.configuration(sizes, {}, memories)
        populations.append(Population(name, sizes, configuration))
    exact = Program(4, tuple(populations), "third")
    streams = stochastic(exact, Stochastic(length=24, lanes=3, parallel=2))[0].populations[1]
    return dataclasses.replace(exact, populations=(populations[0], streams, populations[2]))


def with_flipped_weight_bit(program: Program) -> Program:
    """The program with one bit changed, in a weight that matters: of a pixel in the middle, to hidden[5]."""
    first, *others = program.populations
    memories = {key: records.copy() for key, records in first.configuration.memories.items()}
    params = first.params
    assert isinstance(params, tile.Params)
    pixel = 20
    word = 5 * params.layer.input_rounds + pixel // params.layer.lanes
    memories[f"weights_0_{pixel % params.layer.lanes}"]["magnitude"][word] ^= 1 << 15
    broken = dataclasses.replace(first, configuration=Configuration(first.configuration.registers, memories))
    return dataclasses.replace(program, populations=(broken, *others))


def first_neurons(program: Program, neurons: int) -> Program:
    """The first neurons of the first population alone: a small network."""
    first = program.populations[0]
    params = first.params
    assert isinstance(params, tile.Params)
    sizes = dataclasses.replace(params, layer=dataclasses.replace(params.layer, neurons=neurons))
    memories = {
        name: records[: neurons if name == "bias" else neurons * params.layer.input_rounds]
        for name, records in first.configuration.memories.items()
    }
    configuration = tile.CORE.configuration(sizes, first.configuration.registers, memories)
    return Program(program.inputs, (Population(first.name, sizes, configuration),), first.name)


def with_another_seed(program: Program, spikes: Spikes) -> Program:
    """The program with one synapse at a seed that no other has: the first that changes a spike."""
    (population,) = program.populations
    params = population.params
    assert isinstance(params, tile.Params)
    sources = params.layer.sources
    seeds = [*sources.inputs.tolist(), *sources.synapses.reshape(-1).tolist()]
    unused = max(set(range(1, 1 << params.layer.width)) - set(seeds))
    golden = engine.run(program, spikes).raster()
    for synapse in range(params.layer.inputs, len(seeds)):
        changed = (*seeds[:synapse], unused, *seeds[synapse + 1 :])
        sizes = dataclasses.replace(params, layer=dataclasses.replace(params.layer, seeds=changed))
        broken = dataclasses.replace(program, populations=(dataclasses.replace(population, params=sizes),))
        if (engine.run(broken, spikes).raster() != golden).any():
            return broken
    raise AssertionError("no seed matters: give more samples")


def first_difference(program: Program, ours: Trace, theirs: Trace) -> tuple[int, int, str, int]:
    """Sample, tick, population and index of the first spike that only one of two traces has."""
    sample, tick, address = (int(i[0]) for i in np.nonzero(ours.raster() != theirs.raster()))
    return (sample, tick, *program.locate(address))
