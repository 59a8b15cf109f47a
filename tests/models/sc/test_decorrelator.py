"""`sc.decorrelator` without a simulator: engine against reference, values and correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import decorrelator as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.correlation import scc
from spikelock.models.sc.decorrelator import CORE, Params, inputs


@st.composite
def uses(draw: st.DrawFn) -> tuple[Params, list[tuple[int, int]]]:
    """Parameters and transactions for them."""
    params = Params(draw(st.integers(1, 20)))
    address = st.integers(0, inputs(params)["input"].fields["address"].maximum)
    return params, draw(st.lists(st.tuples(st.integers(0, 1), address), max_size=100))


@settings(deadline=None, max_examples=200)
@given(uses())
def test_engine_equals_reference(use: tuple[Params, list[tuple[int, int]]]) -> None:
    params, rows = use
    given_ = {"input": inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, given_)
    assert engine.run(params, configuration, given_)["output"].tolist() == expected["output"].tolist()


@settings(deadline=None, max_examples=100)
@given(uses())
def test_values_are_kept_up_to_half_of_the_buffer(use: tuple[Params, list[tuple[int, int]]]) -> None:
    params, rows = use
    bits, addresses = np.array(rows, np.int64).reshape(-1, 2).T
    kept = (bits - engine.shuffled(params, bits, addresses)).cumsum()
    assert np.all((kept >= -(params.depth // 2)) & (kept <= (params.depth + 1) // 2))


def test_bits_change_places() -> None:
    """A buffer of 0 1 0: the bits at addresses 1, 1, 3 (passes by), 0, 1."""
    rows = [(0, 1), (1, 1), (0, 3), (1, 0), (0, 1)]
    given_ = {"input": inputs(Params(3))["input"].from_tuples(rows)}
    out = engine.run(Params(3), CORE.configuration(Params(3)), given_)["output"]["bit"]
    assert out.tolist() == [1, 0, 0, 0, 1]


def test_correlated_streams_become_nearly_independent() -> None:
    random = np.random.default_rng(13)
    numbers = random.random(20_000)
    x, y = ((numbers < p).astype(np.int64) for p in (0.5, 0.3))
    addresses = random.integers(0, 32, (2, 20_000))
    assert scc(x, y) == 1
    shallow = scc(engine.shuffled(Params(3), x, addresses[0] % 4), y)
    deep = scc(engine.shuffled(Params(31), x, addresses[0]), engine.shuffled(Params(31), y, addresses[1]))
    assert 0.1 < shallow < 0.4
    assert abs(deep) < 0.1


def test_impossible_parameters_are_refused() -> None:
    for depth in (0, 256):
        with pytest.raises(RangeError, match=f"depth = {depth}: a buffer of 1 … 255 bits is possible"):
            Params(depth)
