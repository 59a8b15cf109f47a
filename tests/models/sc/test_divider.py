"""`sc.divider` without a simulator: engine against reference, and quotients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import divider as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.divider import CORE, DEPTHS, Params, inputs


@st.composite
def uses(draw: st.DrawFn) -> tuple[Params, list[tuple[int, ...]]]:
    """Parameters and transactions for them."""
    params = Params(draw(st.sampled_from(DEPTHS)))
    fields = [st.integers(0, q.maximum) for q in inputs(params)["input"].fields.values()]
    return params, draw(st.lists(st.tuples(*fields), max_size=100))


@settings(deadline=None, max_examples=200)
@given(uses())
def test_engine_equals_reference(use: tuple[Params, list[tuple[int, ...]]]) -> None:
    params, rows = use
    given_ = {"input": inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, given_)
    assert engine.run(params, configuration, given_)["output"].tolist() == expected["output"].tolist()


def test_depth_1_is_a_flip_flop_that_holds_the_quotient() -> None:
    """The published circuit, where the flip-flop takes every bit of the quotient."""
    random = np.random.default_rng(17)
    x, y = random.integers(0, 2, (2, 500))
    held, expected = 0, []
    for dividend, divisor in zip(x.tolist(), y.tolist(), strict=True):
        held = dividend if divisor else held
        expected.append(held)
    assert engine.divided(Params(), x, y, np.zeros(500, np.int64)).tolist() == expected


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize(("p", "q"), [(0.2, 0.8), (0.5, 0.6), (0.3, 0.3), (0.0, 0.5)])
def test_quotients(depth: int, p: float, q: float) -> None:
    random = np.random.default_rng(19)
    numbers, address = random.random(50_000), random.integers(0, depth, 50_000)
    x, y = (np.array([numbers < value], np.int64) for value in (p, q))
    assert engine.divided(Params(depth), x, y, address).mean() == pytest.approx(p / q, abs=0.02)


def test_impossible_parameters_are_refused() -> None:
    for depth in (0, 3, 128):
        with pytest.raises(RangeError, match=f"depth = {depth}: one of 1, 2, 4, 8, 16, 32, 64"):
            Params(depth)
