"""The trained digits network at all levels; and every way in which its co-simulation must turn red."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from spikelock.models.core import Configuration
from spikelock.models.engine import network as engine
from spikelock.models.fabric.tile import Kind
from spikelock.models.mutant import Mutant
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.trace import Trace
from spikelock.testbenches.cosim import Comparison, Cosimulation, cosimulate
from spikelock.testbenches.lockstep import HEAVY
from spikelock.testbenches.network import RTL, LevelRun, Progress, Software, Spikes, make_levels
from spikelock.testbenches.problem import Detector, Problem

DIGITS = Path(__file__).resolve().parents[1] / "examples" / "digits"
if not DIGITS.is_dir():  # an installed package has no examples
    pytest.skip("examples/digits is not here: run the tests in a checkout", allow_module_level=True)


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_nir(DIGITS / "digits.nir")[0]


@pytest.fixture(scope="module")
def spikes(program: Program) -> Spikes:
    return read_spikes(DIGITS / "test.npz", program.inputs)[0]


def only(result: Cosimulation) -> Comparison:
    (comparison,) = result.comparisons
    return comparison


def test_all_test_images_agree_spike_for_spike(program: Program, spikes: Spikes) -> None:
    result = cosimulate(program, spikes, make_levels(program, ["engine", "rtl"], seed=1))
    assert result.agrees, only(result).explanation
    assert only(result).events == len(result.first.trace.events)
    assert result.neuron_spikes > 100 * len(spikes)


def test_reference_engine_and_rtl_agree_under_heavy_stalls(program: Program, spikes: Spikes) -> None:
    few = spikes[:2]
    levels = [*make_levels(program, ["reference", "engine"]), RTL(program, seed=2, stalls=HEAVY)]
    assert cosimulate(program, few, levels).agrees


def test_one_weight_bit_is_found(program: Program, spikes: Spikes, tmp_path: Path) -> None:
    """The report names the tick and the neuron at which the engine, given the same bit, differs as well."""
    few = spikes[:24]
    broken = with_flipped_weight_bit(program, few)
    result = cosimulate(
        program, few, [Software("engine", program), RTL(broken)], folder=tmp_path, name="digits"
    )
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
    assert explanation.smallest is not None
    assert explanation.smallest.events < few[explanation.sample].sum()
    wave = only(result).wave
    assert wave is not None
    assert "$enddefinitions" in wave.read_text()


def test_one_operator_of_the_rtl_is_found(program: Program, spikes: Spikes) -> None:
    """The leak drives away from rest: one − is a +."""
    mutant = Mutant(
        "the leak drives away from rest", "neurons.lif", "value.rest - membrane", "value.rest + membrane"
    )
    broken = RTL(program, component=mutant.component("fabric.chain", program.params))
    result = cosimulate(program, spikes[:4], [Software("engine", program), broken])
    assert not result.agrees
    explanation = only(result).explanation
    assert explanation is not None
    assert explanation.population == "hidden"


def test_one_golden_spike_is_found(program: Program, spikes: Spikes) -> None:
    """The report names the very spike that was taken out of the golden trace."""
    few = spikes[:8]
    golden = engine.run(program, few)
    raster = golden.raster()
    sample, tick, address = (int(i[-1]) for i in np.nonzero(raster[:, :, program.inputs :]))
    address += program.inputs
    raster[sample, tick, address] = False
    result = cosimulate(program, few, [Recorded(Trace.of_raster(raster)), RTL(program)])
    assert not result.agrees
    explanation = only(result).explanation
    assert explanation is not None
    assert (explanation.sample, explanation.tick) == (sample, tick)
    assert (explanation.population, explanation.index) == program.locate(address)
    assert explanation.what == "spike too many"


@pytest.mark.parametrize("kind", [Kind.TICK, Kind.RESTART])
def test_a_lost_mark_is_found(program: Program, spikes: Spikes, kind: Kind) -> None:
    few = spikes[:2]
    golden = engine.run(program, few)
    lost = np.delete(golden.events, np.flatnonzero(golden.events["kind"] == kind)[-1])
    shorter = Recorded(dataclasses.replace(golden, events=lost), name="recorded")
    assert not cosimulate(program, few, [Software("engine", program), shorter]).agrees


def test_a_broken_protocol_is_no_agreement(program: Program, spikes: Spikes) -> None:
    few = spikes[:2]
    golden = Software("engine", program).run(few)
    troubled = dataclasses.replace(golden, level="rtl", problems=(DROPPED,))
    assert not cosimulate(
        program, few, [Software("engine", program), Recorded(golden.trace, run=troubled)]
    ).agrees


def test_silence_is_no_agreement(program: Program) -> None:
    nothing = np.zeros((2, 4, program.inputs), np.bool_)
    result = cosimulate(program, nothing, make_levels(program, ["engine", "rtl"]))
    assert only(result).agrees
    assert not result.agrees


DROPPED = Problem(Detector.PROTOCOL, "output: valid dropped in cycle 7")


class Recorded:
    """A level that plays back a trace."""

    def __init__(self, trace: Trace, name: str = "engine", run: LevelRun | None = None) -> None:
        self.name = name
        self._run = run or LevelRun(name, trace, (), None, 0.0)

    def run(self, spikes: Spikes, progress: Progress) -> LevelRun:
        return self._run

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        return None


def with_flipped_weight_bit(program: Program, spikes: Spikes) -> Program:
    """The program with one bit changed, in a weight that matters: of the busiest input's first synapse."""
    first, *others = program.populations
    memories = {key: records.copy() for key, records in first.configuration.memories.items()}
    busiest = int(np.argmax(spikes.sum(axis=(0, 1))))
    memories["synapses"]["weight"][memories["rows"]["start"][busiest]] ^= 1 << 6
    broken = dataclasses.replace(first, configuration=Configuration(first.configuration.registers, memories))
    return dataclasses.replace(program, populations=(broken, *others))


def first_difference(program: Program, ours: Trace, theirs: Trace) -> tuple[int, int, str, int]:
    """Sample, tick, population and index of the first spike that only one of two traces has."""
    sample, tick, address = (int(i[0]) for i in np.nonzero(ours.raster() != theirs.raster()))
    return (sample, tick, *program.locate(address))
