"""`sc.counter` without a simulator: engine against reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import counter as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.counter import CORE, Params


def both(params: Params, restarts: Sequence[int], **registers: int) -> tuple[list[int], list[int]]:
    """The numbers of the reference and of the engine."""
    configuration = CORE.configuration(params, registers)
    inputs = {"request": CORE.inputs(params)["request"].records(np.array(restarts, np.int64))}
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["value"].tolist(), got["output"]["value"].tolist()


def test_counts_and_wraps() -> None:
    expected, got = both(Params(3, 6), [0, 0, 0, 1, 0], start=2)
    assert expected == got == [6, 7, 0, 2, 3]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 63))
    numbers = st.integers(0, (1 << width) - 1)
    params = Params(width, data.draw(numbers))
    restarts = data.draw(st.lists(st.integers(0, 1), max_size=100))
    expected, got = both(params, restarts, start=data.draw(numbers))
    assert expected == got


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"width": 64}, "width = 64: numbers have 1 … 63 bits"),
        ({"width": 0}, "width = 0"),
        ({"width": 3, "start": 8}, "start = 8: a number of 3 bits, 0 … 7"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)
