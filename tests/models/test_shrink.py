"""Shrinking: what is left is smallest, still fails, and comes from the original."""

from __future__ import annotations

import json
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models import shrink as module
from spikelock.models.errors import BadInput
from spikelock.models.shrink import Search, shrink

Spikes = NDArray[np.bool_]


def spikes(samples: int = 40, ticks: int = 16, inputs: int = 8) -> Spikes:
    return np.random.default_rng(0).random((samples, ticks, inputs)) < 0.5


@given(st.sets(st.integers(0, 7), max_size=4), st.integers(0, 3))
def test_only_what_the_failure_needs_is_left(needed: set[int], ticks: int) -> None:
    """Fails where there are `ticks` ticks or more, and every input in `needed` spikes at one tick."""

    def fails(given: Spikes) -> bool:
        return given.shape[1] >= ticks and bool(given[:, :, sorted(needed)].all(axis=2).any())

    stimulus = spikes()
    stimulus[23, 9] = True
    shrunk = shrink(fails, stimulus, seconds=60)
    assert shrunk.finished
    assert fails(shrunk.spikes)
    assert shrunk.spikes.shape == (1, max(1, ticks), 8)
    assert shrunk.events == len(needed)
    assert len(shrunk.samples) == 1
    assert shrunk.shrunk_from == (40, 16)


def test_two_samples_stay_where_both_are_needed() -> None:
    """As where RESTART does not clear what an earlier sample left."""
    stimulus = np.zeros((50, 6, 3), np.bool_)
    stimulus[7, 2, 1] = stimulus[31, 4, 0] = True

    def fails(given: Spikes) -> bool:
        left = given[:, :, 1].any(axis=1)
        right = given[:, :, 0].any(axis=1)
        return bool(np.any(np.flatnonzero(left)[:, None] < np.flatnonzero(right)[None]))

    shrunk = shrink(fails, stimulus)
    assert shrunk.samples == (7, 31)
    assert np.argwhere(shrunk.spikes)[:, [0, 2]].tolist() == [[0, 1], [1, 0]]


def test_the_known_place_is_tried_first() -> None:
    runs: list[Spikes] = []

    def fails(given: Spikes) -> bool:
        runs.append(given)
        return bool(given[:, -1].any())

    stimulus = spikes()
    shrunk = shrink(fails, stimulus, at=(17, 9))
    assert np.array_equal(runs[0], stimulus[17:18, :10])
    assert all(run.shape[0] == 1 for run in runs)
    assert shrunk.samples == (17,)
    assert shrunk.spikes.shape == (1, 1, 8)
    assert shrunk.runs == len(runs)

    # A place that does not fail alone costs one run and changes nothing.
    stimulus[3, 9] = False
    assert shrink(fails, stimulus, at=(3, 9)).events == 1


def test_it_stops_in_time_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    shrunk = shrink(lambda given: bool(given[:, :, 2].any()), spikes(), seconds=6)
    assert not shrunk.finished
    assert shrunk.events > 1
    assert shrunk.spikes[:, :, 2].any()
    assert "stopped early" in str(shrunk)


def test_what_does_not_fail_is_refused() -> None:
    with pytest.raises(BadInput, match="does not fail"):
        shrink(lambda given: False, spikes())


def test_the_report() -> None:
    stimulus = np.zeros((360, 32, 4), np.bool_)
    stimulus[17, 5:8, 2] = True
    shrunk = shrink(lambda given: int(given.sum()) >= 3, stimulus)
    assert str(shrunk).startswith("1 sample, 3 ticks, 3 events (shrunk from 360 × 32 in ")
    report = json.loads(json.dumps(shrunk.to_dict()))
    assert report["original_samples"] == [17]
    assert report["events"] == [[0, 0, 2], [0, 1, 2], [0, 2, 2]]


@pytest.mark.parametrize(
    ("value", "goal", "least", "nearest"),
    [(1000, 0, 37, 37), (-1000, 0, 0, 0), (-1000, 5, -3, -3), (4, 4, 4, 4), (9, 8, 9, 9)],
)
def test_a_number_comes_near_to_its_goal(value: int, goal: int, least: int, nearest: int) -> None:
    def fails(number: int) -> bool:
        return number >= least if value >= goal else number <= least

    search = Search(fails, 60)
    assert search.nearest(value, goal, lambda number: number) == nearest
    assert search.runs <= 12


def test_out_of_time_a_number_stays() -> None:
    assert Search[int](lambda number: True, -1).nearest(7, 0, lambda number: number) == 7
