"""`sc.square_root` without a simulator: engine against reference, and roots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import square_root as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.square_root import CORE, Params, inputs


@st.composite
def uses(draw: st.DrawFn) -> tuple[Params, list[tuple[int, int]]]:
    """Parameters and transactions for them."""
    params = Params(draw(st.integers(1, 5)))
    number = st.integers(0, (1 << params.width) - 1)
    return params, draw(st.lists(st.tuples(st.integers(0, 1), number), max_size=150))


@settings(deadline=None, max_examples=200)
@given(uses())
def test_engine_equals_reference(use: tuple[Params, list[tuple[int, int]]]) -> None:
    params, rows = use
    given_ = {"input": inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, given_)
    assert engine.run(params, configuration, given_)["output"].tolist() == expected["output"].tolist()


def test_many_streams_at_once() -> None:
    random = np.random.default_rng(23)
    bits, numbers = random.integers(0, 2, (3, 2, 80)), random.integers(0, 64, 80)
    together = engine.root(Params(), bits, numbers)
    assert together.shape == bits.shape
    assert together[2, 1].tolist() == engine.root(Params(), bits[2, 1], numbers).tolist()


def test_roots() -> None:
    random = np.random.default_rng(29)
    p = np.array([0.0, 0.04, 0.25, 0.49, 0.81, 1.0])
    bits = (random.random((6, 40_000)) < p[:, np.newaxis]).astype(np.int64)
    roots = engine.root(Params(), bits, random.integers(0, 64, 40_000))[:, 1000:].mean(axis=-1)
    assert roots == pytest.approx(np.sqrt(p), abs=0.03)


def test_ones_of_the_square_are_those_of_the_stream_but_for_the_counter() -> None:
    random = np.random.default_rng(31)
    bits, numbers = (random.random(3000) < 0.4).astype(np.int64), random.integers(0, 1 << 10, 3000)
    out = engine.root(Params(10), bits, numbers)
    square = out & np.concatenate([[0], out[:-1]])
    assert np.abs((bits - square).cumsum()).max() < 1 << 9


def test_impossible_parameters_are_refused() -> None:
    for width in (0, 33):
        with pytest.raises(RangeError, match=f"width = {width}: a counter of 1 … 32 bits is possible"):
            Params(width)
