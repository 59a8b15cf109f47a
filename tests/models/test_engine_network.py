"""Networks on the engine: equal to the reference, to the chain of tiles, and the same in any batch size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from spikelock.models.compare import first_divergence
from spikelock.models.engine import network as engine
from spikelock.models.engine.fabric import chain
from spikelock.models.engine.fabric import tile as engine_tile
from spikelock.models.engine.fabric.tile import Tile
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.network import reference
from spikelock.models.network.program import Program
from spikelock.models.network.trace import events_of_raster
from spikelock.testbenches import strategies

Spikes = NDArray[np.bool_]


@given(st.data(), strategies.programs())
def test_engine_equals_reference_on_any_program(data: st.DataObject, program: Program) -> None:
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 6)))
    spikes = data.draw(arrays(np.bool_, (*shape, program.inputs)))
    assert first_divergence(reference.run(program, spikes).events, engine.run(program, spikes).events) is None


def test_engine_equals_reference_and_chain(program: Program, spikes: Spikes) -> None:
    expected = reference.run(program, spikes)
    actual = engine.run(program, spikes)
    assert first_divergence(expected.events, actual.events) is None
    assert (actual.samples, actual.ticks, actual.addresses) == (20, 15, 18)

    events = events_of_raster(spikes, tile.event(program.inputs))
    by_streams = chain.run(program.params, program.configuration, {"input": events})["output"]
    assert first_divergence(expected.events, by_streams) is None

    fired = actual.raster()[:, :, 6:].any(axis=(0, 1))
    assert fired.all(), f"neurons {np.flatnonzero(~fired)} never fired: the comparison says nothing of them"


@pytest.mark.parametrize("cells", [1, 1000, 1500])
def test_the_batch_size_does_not_matter(
    cells: int, program: Program, spikes: Spikes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = engine.run(program, spikes, probe=["hidden"])
    monkeypatch.setattr(engine, "CELLS_AT_ONCE", cells)
    done: list[int] = []
    parts = engine.run(program, spikes, probe=["hidden"], progress=done.append)
    assert len(done) > 1
    assert done[-1] == 20
    assert first_divergence(whole.events, parts.events) is None
    assert np.array_equal(whole.membranes["hidden"], parts.membranes["hidden"])


def test_probed_membranes_are_those_of_the_reference(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:2], probe=["output"])
    assert trace.membranes.keys() == {"output"}
    assert trace.membranes["output"].shape == (2, 15, 4)

    # The reference of the output tile alone, fed with what came before it.
    population = program.populations[1]
    raster = trace.raster()[:, :, : population.params.axons]
    events = events_of_raster(raster, tile.event(population.params.axons))
    state, seen = tile.initial(population.exact, population.configuration), []
    for event in events.tolist():
        state, _ = tile.reference(population.exact, population.configuration, state, event)
        if event[0] == tile.Kind.TICK:
            seen.append([membrane for membrane, _ in state.neurons])
    assert trace.membranes["output"].reshape(-1, 4).tolist() == seen


def test_a_broken_engine_is_caught(program: Program, spikes: Spikes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(Tile):
        """Never hears the last axon."""

        def tick(self, events: NDArray[np.bool_]) -> NDArray[np.bool_]:  # type: ignore[override]
            return super().tick(events & (np.arange(events.shape[1]) < events.shape[1] - 1))

    monkeypatch.setattr(engine_tile, "Tile", Deaf)
    with pytest.raises(AssertionError):
        test_engine_equals_reference_and_chain(program, spikes)


def test_bad_input_is_refused(program: Program, spikes: Spikes) -> None:
    with pytest.raises(BadInput, match="needed: bool"):
        engine.run(program, spikes[:, :, :5])
    with pytest.raises(BadInput, match="needed: bool"):
        reference.run(program, spikes[:, :, :5])
    with pytest.raises(BadInput, match="no population is called 'hiden'; there are: hidden, output"):
        engine.run(program, spikes, probe=["hiden"])
