"""The chain: engine = reference, tile after tile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.compare import first_divergence
from spikelock.models.core import run_reference
from spikelock.models.engine.fabric import chain as engine
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fabric.chain import CORE, Params, inputs, join, split
from spikelock.models.network.program import Program
from spikelock.testbenches import strategies


@given(st.data(), strategies.programs())
def test_engine_equals_reference_on_any_chain(data: st.DataObject, program: Program) -> None:
    params, configuration = program.params, program.configuration
    events = data.draw(strategies.event_streams(params.tiles[0]), "events")
    _, expected = run_reference(CORE, params, configuration, {"input": events})
    actual = engine.run(params, configuration, {"input": events})
    assert np.array_equal(expected["output"], actual["output"])


def test_another_threshold_in_the_last_tile_is_caught(program: Program) -> None:
    """The first difference is a spike of the last tile: it is its register that was changed."""
    params, configuration = program.params, program.configuration
    random = np.random.default_rng(0)
    events = inputs(params)["input"].records(random.choice([0, 0, 0, 1], 200), random.integers(0, 6, 200))
    _, expected = run_reference(CORE, params, configuration, {"input": events})
    changed = replace(configuration, registers={**configuration.registers, "tile1_threshold": 300})
    actual = engine.run(params, changed, {"input": events})
    difference = first_divergence(expected["output"], actual["output"])
    assert difference is not None
    assert difference.expected is not None
    assert difference.expected["address"] >= params.tiles[1].axons


def test_split_is_the_inverse_of_join(program: Program) -> None:
    parts = [population.configuration for population in program.populations]
    assert split(program.params, join(parts)) == parts


def test_tiles_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(BadInput, match="tile 1 has 16 axons, but 32 addresses"):
        Params((tile.Params(), tile.Params()))
    with pytest.raises(BadInput, match="at least one"):
        Params(())
