"""The level `mesh`: a network on a mesh is the network; what goes wrong there is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import cosimulate
from spikelock.testbenches.mesh import Marks, OnMesh, host_events, machine_for, mesh_levels, trace_of
from spikelock.testbenches.network import Level, Software, make_levels

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

NEURON = lif.Params(width=12, current_width=12, threshold=60, constants=True)


def layers(*sizes: int) -> Program:
    """Populations one behind the other, the first recurrent; each hears all that is before it in part."""
    random = np.random.default_rng(4)
    axons, populations = 6, []
    for number, neurons in enumerate(sizes):
        rows = axons + (neurons if number == 0 else 0)
        params = tile.Params(NEURON, neurons, axons, rows * neurons, recurrent=number == 0)
        sources, targets = np.nonzero(random.random((rows, neurons)) < 0.6)
        weights = random.integers(-10, 31, len(sources))
        contents = tile.rows_and_synapses(params, sources, targets, weights)
        configuration = tile.CORE.configuration(params, {}, contents)
        populations.append(Population(f"p{number}", params, configuration))
        axons += neurons
    return Program(6, tuple(populations), f"p{len(sizes) - 1}")


NETWORK = layers(4, 2)
SPIKES = np.random.default_rng(1).random((30, 12, 6)) < 0.3


def test_a_network_on_a_mesh_agrees_with_the_engine(tmp_path: Path) -> None:
    """Its first population is cut in two, and recurs across the cut; samples take more than one job."""
    level = OnMesh(NETWORK, machine_for(NETWORK, 2, 2))
    assert sorted(one.part.population for one in level.mapped.placed) == [0, 0, 1]
    with skipped_without_tools():
        result = cosimulate(NETWORK, SPIKES, [Software("engine", NETWORK), level], folder=tmp_path)
    assert result.agrees, result.comparisons[0].explanation
    assert result.neuron_spikes > 100
    assert result.comparisons[0].run.cycles is not None


def test_tiles_are_as_small_as_the_mesh_allows() -> None:
    assert machine_for(layers(9, 3), 2, 2).neurons == 3
    assert machine_for(layers(9, 3), 3, 1, torus=True).neurons == 5
    with pytest.raises(BadInput, match="1x1 has 1 tiles for 2 populations"):
        machine_for(NETWORK, 1, 1)
    with pytest.raises(BadInput, match="9999x9999 has 99980001 tiles; 1 … 64"):
        machine_for(NETWORK, 9999, 9999)


def test_the_level_wants_to_know_how_large() -> None:
    with pytest.raises(BadInput, match="--mesh 2x2"):
        make_levels(NETWORK, ["engine", "mesh"], mesh_levels(None))


@pytest.fixture(scope="module")
def mapped() -> OnMesh:
    return OnMesh(NETWORK, Machine(2, 1, neurons=4, entries=4, key_width=6))


def received(level: OnMesh, *events: tuple[Kind, int]) -> np.ndarray:
    port = tile.event(1 << level.mapped.machine.key_width)
    return port.from_tuples([(kind, level.mapped.keys[a] if kind == Kind.SPIKE else 0) for kind, a in events])


MARK = (Kind.TICK, 0)


def test_what_the_host_receives_becomes_a_trace(mapped: OnMesh) -> None:
    """Neurons 6 … 9 spike after the first mark of a tick, 10 and 11 after the second; RESTART has one too."""
    spikes = np.zeros((1, 1, 6), np.bool_)
    spikes[0, 0, 2] = True
    marks = Marks.of(mapped.mapped, spikes)
    assert host_events(mapped.mapped, spikes, marks)["kind"].tolist() == [2, 1, 0, 1, 1]
    came = received(mapped, MARK, MARK, (Kind.SPIKE, 8), (Kind.SPIKE, 6), MARK, (Kind.SPIKE, 11), MARK)
    trace, problems = trace_of(mapped.mapped, spikes, marks, came)
    assert problems == []
    assert trace.raster()[0, 0].nonzero()[0].tolist() == [2, 6, 8, 11]


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([MARK, MARK, (Kind.SPIKE, 11), MARK, MARK], "came to the host after its mark 1"),
        ([(Kind.SPIKE, 8), MARK, MARK, MARK, MARK], "came to the host after its mark -1"),
        ([MARK, (Kind.SPIKE, 8), MARK, MARK, MARK], "came to the host after its mark 0"),
        ([MARK, MARK, MARK], "3 marks came; 4 are right"),
        ([MARK] * 5, "5 marks came; 4 are right"),
        ([MARK, MARK, (Kind.FAULT, 8), MARK, MARK], "FAULT"),
        ([MARK, MARK, (Kind.SPIKE, 2), MARK, MARK], "where no neuron sends it"),
    ],
)
def test_control_what_is_displaced_or_missing_is_named(
    mapped: OnMesh, events: list[tuple[Kind, int]], problem: str
) -> None:
    spikes = np.zeros((1, 1, 6), np.bool_)
    marks = Marks.of(mapped.mapped, spikes)
    _, problems = trace_of(mapped.mapped, spikes, marks, received(mapped, *events))
    assert any(problem in str(one) for one in problems), problems


def test_control_a_spike_that_came_twice_stays_there_twice(mapped: OnMesh) -> None:
    spikes = np.zeros((1, 1, 6), np.bool_)
    marks = Marks.of(mapped.mapped, spikes)
    came = received(mapped, MARK, MARK, (Kind.SPIKE, 8), (Kind.SPIKE, 8), MARK, MARK)
    trace, _ = trace_of(mapped.mapped, spikes, marks, came)
    assert trace.events["address"].tolist() == [0, 8, 8, 0]


def test_control_another_weight_on_the_mesh_is_found() -> None:
    """Of the same hardware, with something else in its memories."""
    first, last = NETWORK.populations
    memories = dict(last.configuration.memories)
    memories["synapses"] = memories["synapses"].copy()
    memories["synapses"]["weight"] += 1
    other = replace(last, configuration=replace(last.configuration, memories=memories))
    changed = replace(NETWORK, populations=(first, other))
    level = OnMesh(changed, machine_for(changed, 2, 2))
    with skipped_without_tools():
        levels: list[Level] = [Software("engine", NETWORK), level]
        result = cosimulate(NETWORK, SPIKES[:8], levels, shrink_seconds=0)
    divergence = result.comparisons[0].divergence
    assert divergence is not None
    assert not result.agrees
