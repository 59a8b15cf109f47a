"""Correlation of streams: the published definition, in exact fractions, and its cases."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.sc.correlation import scc, scc_of_counts


def published(a: list[int], b: list[int]) -> Fraction:
    """The definition, word for word, for streams that are not constant."""
    n = len(a)
    p_a, p_b = Fraction(sum(a), n), Fraction(sum(b), n)
    p_ab = Fraction(sum(x & y for x, y in zip(a, b, strict=True)), n)
    if p_ab > p_a * p_b:
        return (p_ab - p_a * p_b) / (min(p_a, p_b) - p_a * p_b)
    return (p_ab - p_a * p_b) / (p_a * p_b - max(p_a + p_b - 1, Fraction(0)))


@settings(deadline=None, max_examples=200)
@given(
    st.integers(1, 40).flatmap(
        lambda n: st.lists(st.tuples(*[st.integers(0, 1)] * 2), min_size=n, max_size=n)
    )
)
def test_is_the_published_one(rows: list[tuple[int, int]]) -> None:
    a, b = (list(column) for column in zip(*rows, strict=True))
    constant = len(set(a)) == 1 or len(set(b)) == 1
    assert scc(a, b) == (0.0 if constant else float(published(a, b)))
    assert scc(a, b) == scc(b, a)
    assert abs(scc(a, b)) <= 1


def test_extremes_and_between() -> None:
    assert scc([1, 1, 0, 0, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1, 1, 1]) == 1
    assert scc([1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 0, 0, 1, 1]) == -1
    assert scc([1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 1, 1, 0, 0]) == 0


def test_many_streams_at_once() -> None:
    random = np.random.default_rng(5)
    a, b = random.integers(0, 2, (3, 1, 50)), random.integers(0, 2, (4, 50))
    together = scc(a, b)
    assert together.shape == (3, 4)
    assert together[2, 1] == scc(a[2, 0].astype(bool), b[1])


def test_long_streams_do_not_overflow() -> None:
    half = 1 << 30
    assert scc_of_counts(1 << 31, half, half, half) == 1
    assert scc_of_counts(1 << 31, half, half, 0) == -1
    assert scc_of_counts(1 << 31, half, half, half // 2) == 0


def test_what_is_no_stream_is_refused() -> None:
    with pytest.raises(BadInput, match=r"streams of shapes \(2,\) and \(3,\): the last axis is the time"):
        scc([0, 1], [0, 1, 1])
    with pytest.raises(BadInput, match=r"streams of shapes \(\) and \(\)"):
        scc(1, 0)
    with pytest.raises(BadInput, match="streams of 0 bits"):
        scc(np.zeros(0, bool), np.zeros(0, bool))
    with pytest.raises(RangeError, match="it must consist of the integers 0 and 1"):
        scc([0, 2], [0, 1])
    with pytest.raises(RangeError, match="a stream of dtype float64"):
        scc([0.0, 1.0], [0, 1])
    with pytest.raises(RangeError, match="no two streams of 8 bits have those"):
        scc_of_counts(8, 6, 6, 3)
    with pytest.raises(RangeError, match="no two streams of 8 bits have those"):
        scc_of_counts(8, 9, 4, 4)
