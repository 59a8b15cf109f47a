"""`sc.parallel_counter` without a simulator: engine against reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import parallel_counter as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.parallel_counter import CORE, Params


def both(params: Params, rows: list[tuple[int, int]]) -> tuple[list[Any], list[Any]]:
    """Counts of the reference and of the engine."""
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, inputs)
    return expected["output"].tolist(), engine.run(params, configuration, inputs)["output"].tolist()


def test_counts_windows() -> None:
    rows = [(0b111, 0), (0b001, 1), (0b000, 1), (0b111, 0), (0b111, 0), (0b011, 1), (0b111, 0)]
    expected, got = both(Params(3, 3), rows)
    assert expected == got == [(4, 0), (0, 0), (7, 1)]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    params = Params(data.draw(st.integers(1, 63)), data.draw(st.integers(1, 62)))
    bits = st.integers(0, (1 << params.streams) - 1)
    expected, got = both(params, data.draw(st.lists(st.tuples(bits, st.integers(0, 1)), max_size=60)))
    assert expected == got


def test_no_complete_window_gives_nothing() -> None:
    assert both(Params(), [(1, 0)] * 5) == ([], [])
    assert engine.windows(np.zeros(0, np.int64), np.zeros(0, np.bool_)).tolist() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"streams": 0}, "streams = 0: 1 … 63 are possible"),
        ({"streams": 64}, "streams = 64"),
        ({"width": 63}, "width = 63: a count has 1 … 62 bits"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)
