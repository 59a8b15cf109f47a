"""`sc.rectifier` without a simulator: engine against reference, the published unit, and values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import rectifier as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.rectifier import CORE, Params

STREAM = st.lists(st.integers(0, 1), max_size=150)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 6), STREAM)
def test_engine_equals_reference(depth: int, stream: list[int]) -> None:
    bits = np.array(stream, np.int64)
    inputs = {"input": CORE.inputs(Params())["input"].records(bits)}
    _, expected = run_reference(CORE, Params(depth), CORE.configuration(Params(depth)), inputs)
    assert engine.rectified(Params(depth), bits).tolist() == expected["output"]["bit"].tolist()


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 6), STREAM)
def test_the_published_unit(depth: int, stream: list[int]) -> None:
    """An accumulator of `depth` bits from its middle; ones where it is below, clamped to its range."""
    accumulator, expected = 1 << (depth - 1), []
    for bit in stream:
        out = bit | (accumulator < 1 << (depth - 1))
        accumulator = min(max(accumulator + 2 * out - 1, 0), (1 << depth) - 1)
        expected.append(int(out))
    assert engine.rectified(Params(depth), np.array(stream, np.int64)).tolist() == expected


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 6), STREAM)
def test_never_worth_less_than_minus_one_bit(depth: int, stream: list[int]) -> None:
    out = engine.rectified(Params(depth), np.array(stream, np.int64))
    assert np.all((2 * out - 1).cumsum() >= -1)
    assert np.all(out >= np.array(stream, np.int64))


@pytest.mark.parametrize("x", [-1.0, -0.5, -0.1, 0.25, 0.7, 1.0])
def test_rectifies(x: float) -> None:
    bits = (np.random.default_rng(37).random((2, 20_000)) < (x + 1) / 2).astype(np.int64)
    assert (2 * engine.rectified(Params(10), bits).mean(axis=-1) - 1) == pytest.approx(max(x, 0.0), abs=0.04)


def test_impossible_parameters_are_refused() -> None:
    for depth in (0, 33):
        with pytest.raises(RangeError, match=f"depth = {depth}: an accumulator of 1 … 32 bits is possible"):
            Params(depth)
