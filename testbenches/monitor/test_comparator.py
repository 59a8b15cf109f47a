"""Bench of `monitor.comparator`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.monitor.comparator import CORE, Params
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross
from spikelock.testbenches.monitor.comparator_bugs import BUGS


def pairs(params: Params) -> Stimulus:
    """Reports close together, and comparisons of any length; few or most pairs differ, mostly in a bit."""
    ports = CORE.inputs(params)

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        expected = random.integers(0, 1 << params.width, size)
        differs = 1 << random.integers(0, params.width, size)
        anything = random.random(size) < 0.3
        differs[anything] = random.integers(0, 1 << params.width, int(anything.sum()))
        compare = np.ones(size, np.int64)
        start = 0
        while start < size:
            end = start + int(random.integers(1, random.choice([3, 30])))
            differs[start:end][random.random(len(differs[start:end])) >= random.choice([0.02, 0.8])] = 0
            compare[start : start + int(random.integers(0, 3))] = 0
            if random.random() < 0.5:  # reports as close to each other as can be
                compare[start:end:2], differs[start:end] = 0, 1
            start = end
        return {
            "actual": ports["actual"].records(expected ^ differs, compare),
            "expected": ports["expected"].records(expected),
        }

    return stimulus


BYTES, NARROW = Params(index_width=4), Params(width=1, index_width=2)
"""Few bits of n, so that it comes round."""

CASES = [Case("bytes", BYTES, pairs(BYTES)), Case("narrow", NARROW, pairs(NARROW))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a pair: which bits differ, and how many of its comparison were equal, or differed, before."""
    compare = inputs["actual"]["compare"]
    differs = inputs["actual"]["data"] ^ inputs["expected"]["data"]
    equal, different = np.zeros(len(differs), np.int64), np.zeros(len(differs), np.int64)
    for n in range(1, len(differs)):
        if compare[n - 1]:
            equal[n] = equal[n - 1] + (differs[n - 1] == 0)
            different[n] = different[n - 1] + (differs[n - 1] != 0)
    top = 1 << (params.width - 1)
    return {
        "compare": compare,
        "differs": differs,
        "equal": equal,
        "different": different,
        "top": differs == top,
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    says = Point("record", {"not to compare": _is("compare", 0), "to compare": _is("compare", 1)})
    pair = Point("pair", {"equal": _is("differs", 0), "different": lambda t: t["differs"] != 0})
    before = Point(
        "before it",
        {
            "nothing": lambda t: (t["equal"] == 0) & (t["different"] == 0),
            "equal pairs": lambda t: (t["equal"] > 0) & (t["different"] == 0),
            "many equal pairs": lambda t: (t["equal"] > 8) & (t["different"] == 0),
            "a difference": lambda t: t["different"] > 0,
        },
    )
    return CoverGroup(
        "monitor.comparator",
        [
            cross(says, before),
            cross(pair, before),
            Point(
                "first difference",
                {
                    "in the highest bit only": lambda t: _first(t) & t["top"],
                    "in the lowest bit only": lambda t: _first(t) & (t["differs"] == 1),
                },
            ),
        ],
    )


def _is(column: str, value: int) -> Any:
    return lambda columns: columns[column] == value


def _first(columns: Columns) -> Any:
    return (columns["compare"] == 1) & (columns["different"] == 0)


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
