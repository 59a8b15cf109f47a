"""`sc.up_down_counter` without a simulator: engine against reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import up_down_counter as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.up_down_counter import CORE, Params


def both(width: int, rows: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Counts of the reference and of the engine."""
    params = Params(width)
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["count"].tolist(), got["output"]["count"].tolist()


def test_counts_between_its_ends() -> None:
    rows = [(1, 0)] * 3 + [(1, 1)] + [(0, 1)] * 5 + [(0, 0), (1, 0)]
    expected, got = both(2, rows)
    assert expected == got == [1, 1, 1, 1, 0, -1, -2, -2, -2, -2, -1]


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=150))
def test_engine_equals_reference(width: int, rows: list[tuple[int, int]]) -> None:
    expected, got = both(width, rows)
    assert expected == got


def test_many_streams_at_once() -> None:
    up, down = np.random.default_rng(41).integers(0, 2, (2, 3, 4, 90))
    together = engine.counts(Params(4), up, down)
    assert together.shape == up.shape
    assert together[2, 1].tolist() == engine.counts(Params(4), up[2, 1], down[2, 1]).tolist()


def test_impossible_parameters_are_refused() -> None:
    for width in (0, 63):
        with pytest.raises(RangeError, match=f"width = {width}: a count has 1 … 62 bits"):
            Params(width)
