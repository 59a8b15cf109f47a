"""`sc.halton` without a simulator: scipy's sequence, whole periods, engine against reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import halton as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.halton import CORE, Params


def both(params: Params, restarts: Sequence[int], **registers: int) -> tuple[list[int], list[int]]:
    """The numbers of the reference and of the engine."""
    configuration = CORE.configuration(params, registers)
    inputs = {"request": CORE.inputs(params)["request"].records(np.array(restarts, np.int64))}
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["value"].tolist(), got["output"]["value"].tolist()


@pytest.mark.parametrize(("dimension", "base"), [(0, 2), (1, 3), (2, 5), (3, 7)])
def test_scipy_gives_the_same_points_but_for_the_rounding_of_digits(dimension: int, base: int) -> None:
    theirs = qmc.Halton(4, scramble=False).random(2000)[:, dimension]
    params = Params(base, 24)
    expected, got = both(params, [0] * 2000)
    assert expected == got
    lost = theirs * (1 << 24) - np.array(got)
    assert (lost > -1e-6).all()
    assert (lost < len(params.weights) * (base - 1)).all()


def test_base_2_mirrors_a_counter() -> None:
    expected, _ = both(Params(2, 8), [0] * 256)
    assert expected == [int(f"{n:08b}"[::-1], 2) for n in range(256)]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 32))
    params = Params(data.draw(st.integers(2, min(64, 1 << width))), width)
    expected, got = both(params, data.draw(st.lists(st.integers(0, 1), max_size=100)))
    assert expected == got


@pytest.mark.parametrize(
    "params", [Params(2, 4), Params(3, 5), Params(7, 5), Params(64, 6), Params(2, 1)], ids=str
)
def test_a_period_has_different_numbers_and_repeats(params: Params) -> None:
    expected, got = both(params, [0] * (2 * params.period + 1))
    assert expected == got
    assert got[: params.period] == got[params.period : 2 * params.period]
    assert len(set(got[: params.period])) == params.period <= 1 << params.width < params.period * params.base
    assert max(got) < 1 << params.width


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"base": 1}, "base = 1: 2 … 64 are possible"),
        ({"base": 65}, "base = 65"),
        ({"width": 0}, "width = 0: numbers have 1 … 32 bits"),
        ({"base": 9, "width": 3}, "base = 9: numbers of 3 bits have room for a base of at most 8"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)
