"""`sc.sobol` without a simulator: scipy's sequence, whole periods, engine against reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import sobol as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.sobol import CORE, Params
from spikelock.models.sobol_table import JOE_KUO


def both(params: Params, restarts: Sequence[int], **registers: int) -> tuple[list[int], list[int]]:
    """The numbers of the reference and of the engine."""
    configuration = CORE.configuration(params, registers)
    inputs = {"request": CORE.inputs(params)["request"].records(np.array(restarts, np.int64))}
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["value"].tolist(), got["output"]["value"].tolist()


@pytest.mark.parametrize("dimension", [0, 1, 2, 7, 30, 63])
def test_scipy_gives_the_same_points(dimension: int) -> None:
    theirs = qmc.Sobol(len(JOE_KUO), scramble=False, bits=30).random_base2(12)[:, dimension]
    expected, got = both(Params(dimension, 30), [0] * 4096)
    assert expected == got == (theirs * (1 << 30)).astype(np.int64).tolist()


@pytest.mark.parametrize("dimension", [0, 1, 40])
def test_every_number_comes_once_in_a_period_and_the_next_is_the_same(dimension: int) -> None:
    """Beyond 2^16 numbers too, where a published generator goes astray."""
    params = Params(dimension, 16, 0x1234)
    got = many(params, (1 << 17) + 3)
    first, second = got[: 1 << 16], got[1 << 16 : 1 << 17]
    assert sorted(first) == list(range(1 << 16))
    assert first == second
    assert got[1 << 17 :] == first[:3]


def test_two_dimensions_fill_the_square() -> None:
    """Of 256 points in 16 × 16 boxes, one falls into each: dimensions 0 and 1 are a net."""
    x, y = (both(Params(dimension, 8), [0] * 256)[0] for dimension in (0, 1))
    assert len({(a >> 4, b >> 4) for a, b in zip(x, y, strict=True)}) == 256


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 32))
    numbers = st.integers(0, (1 << width) - 1)
    params = Params(data.draw(st.integers(0, len(JOE_KUO) - 1)), width, data.draw(numbers))
    restarts = data.draw(st.lists(st.integers(0, 1), max_size=100))
    expected, got = both(params, restarts, shift=data.draw(numbers))
    assert expected == got


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"dimension": 64}, "dimension = 64: there are 0 … 63"),
        ({"dimension": -1}, "dimension = -1"),
        ({"width": 33}, "width = 33: numbers have 1 … 32 bits"),
        ({"shift": 1 << 16}, "shift = 65536: a number of 16 bits"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)


def many(params: Params, count: int) -> list[int]:
    """Numbers of the engine."""
    inputs = {"request": CORE.inputs(params)["request"].records(np.zeros(count, np.int64))}
    numbers: list[int] = engine.run(params, CORE.configuration(params), inputs)["output"]["value"].tolist()
    return numbers
