"""`sc.synchroniser` without a simulator: engine against reference, state tables, correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import synchroniser as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.correlation import scc
from spikelock.models.sc.synchroniser import CORE, Kind, Params

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=120)
ANY = st.builds(Params, st.sampled_from(Kind), st.integers(1, 6))


def output(params: Params, rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The engine's pairs of bits."""
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    pairs: list[tuple[int, int]] = engine.run(params, CORE.configuration(params), inputs)["output"].tolist()
    return pairs


@settings(deadline=None, max_examples=200)
@given(ANY, PAIRS)
def test_engine_equals_reference(params: Params, rows: list[tuple[int, int]]) -> None:
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    _, expected = run_reference(CORE, params, CORE.configuration(params), inputs)
    assert output(params, rows) == expected["output"].tolist()


@settings(deadline=None, max_examples=100)
@given(ANY, PAIRS)
def test_at_most_depth_ones_are_held_back(params: Params, rows: list[tuple[int, int]]) -> None:
    kept = (np.array(rows).reshape(-1, 2) - np.array(output(params, rows)).reshape(-1, 2)).cumsum(axis=0)
    most = params.depth if params.kind is Kind.SYNCHRONISER else (params.depth + 1) // 2
    assert np.all((kept >= 0) & (kept <= most))


PUBLISHED = {
    Kind.SYNCHRONISER: {
        "none": {"00": ("none", "00"), "11": ("none", "11"), "10": ("x", "00"), "01": ("y", "00")},
        "x": {"00": ("x", "00"), "11": ("x", "11"), "10": ("x", "10"), "01": ("none", "11")},
        "y": {"00": ("y", "00"), "11": ("y", "11"), "10": ("none", "11"), "01": ("y", "01")},
    },
    Kind.DESYNCHRONISER: {
        "none": {"00": ("none", "00"), "11": ("x", "01"), "10": ("none", "10"), "01": ("none", "01")},
        "x": {"00": ("then", "10"), "11": ("x", "11"), "10": ("x", "10"), "01": ("x", "01")},
        "then": {"00": ("then", "00"), "11": ("y", "10"), "10": ("then", "10"), "01": ("then", "01")},
        "y": {"00": ("none", "01"), "11": ("y", "11"), "10": ("y", "10"), "01": ("y", "01")},
    },
}
"""State tables of depth 1, x before y: state, bits that come, next state, bits that go."""


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(Kind), PAIRS)
def test_depth_1_is_the_state_table(kind: Kind, rows: list[tuple[int, int]]) -> None:
    state, expected = "none", []
    for x, y in rows:
        state, out = PUBLISHED[kind][state][f"{x}{y}"]
        expected.append((int(out[0]), int(out[1])))
    assert output(Params(kind, 1), rows) == expected


@pytest.mark.parametrize(("kind", "wanted"), [(Kind.SYNCHRONISER, 1), (Kind.DESYNCHRONISER, -1)])
def test_independent_streams_become_correlated(kind: Kind, wanted: int) -> None:
    x, y = streams(20_000)
    assert np.abs(scc(x, y)).max() < 0.1
    shallow, deep = (scc(*engine.correlated(Params(kind, depth), x, y)) for depth in (1, 8))
    assert np.all(shallow * wanted > 0.5)
    assert np.all(deep * wanted > 0.85)


def streams(length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nine pairs of independent streams, (3, 3, length), values 1/4, 1/2 and 3/4."""
    random = np.random.default_rng(9)
    shares = np.array([0.25, 0.5, 0.75])
    x = random.random((3, 3, length)) < shares[:, np.newaxis, np.newaxis]
    y = random.random((3, 3, length)) < shares[:, np.newaxis]
    return x.astype(np.int64), y.astype(np.int64)


def test_impossible_parameters_are_refused() -> None:
    for depth in (0, 32769):
        with pytest.raises(RangeError, match=f"depth = {depth}: 1 … 32768 ones can be saved"):
            Params(depth=depth)
