"""Bench of `sc.up_down_counter`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.up_down_counter import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.up_down_counter_bugs import BUGS

INPUT = CORE.inputs(Params())["input"]


def pairs(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """By turns stretches that mostly go up, that mostly go down, and of anything."""
    turn = (np.arange(size) // 48 + random.integers(0, 3)) % 3
    up, down = (
        random.random(size) < np.choose(turn, shares) for shares in ([0.8, 0.3, 0.5], [0.3, 0.8, 0.5])
    )
    return {"input": INPUT.records(up.astype(np.int64), down.astype(np.int64))}


CASES = [
    Case(name, Params(width), pairs) for name, width in (("one-bit", 1), ("four-bits", 4), ("three-bits", 3))
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction: what came, and at which end the count was before it (−1, 1), or between (0)."""
    given, count = inputs["input"], outputs["output"]["count"]
    before = np.concatenate([[0], count[:-1]])[: len(count)]
    return {
        "width": np.full(len(given), params.width),
        "up": given["up"],
        "down": given["down"],
        "end": np.select([before == params.count.minimum, before == params.count.maximum], [-1, 1], 0),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    up, down = values("up", "up", 0, 1), values("down", "down", 0, 1)
    end = Point("count", {"lowest": lambda t: t["end"] == -1, "highest": lambda t: t["end"] == 1})
    between = Point("count", {"between": lambda t: t["end"] == 0})
    return CoverGroup(
        "sc.up_down_counter",
        [
            cross(values("width", "width", 1, 3, 4), end, up, down),
            cross(values("width above 1", "width", 3, 4), between, up, down),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
