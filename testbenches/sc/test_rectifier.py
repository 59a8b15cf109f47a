"""Bench of `sc.rectifier`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.rectifier import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.rectifier_bugs import BUGS

INPUT = CORE.inputs(Params())["input"]


def bits(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """By turns stretches of ones, of zeros, and of anything between, long enough for the largest count."""
    turn = (np.arange(size) // 24 + random.integers(0, 4)) % 4
    ones = random.random(size) < np.choose(turn, [1.0, 0.0, 0.3, 0.6])
    return {"input": INPUT.records(ones.astype(np.int64))}


CASES = [Case(f"depth-{depth}", Params(depth), bits) for depth in (1, 3, 5)]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a bit. run: ones that went out just before it, as far as they can fill the count."""
    given, out = inputs["input"]["bit"], outputs["output"]["bit"]
    steps = np.arange(len(out))
    since_zero = steps - np.maximum.accumulate(np.where(out == 0, steps, -1))
    return {
        "depth": np.full(len(out), params.depth),
        "given": given,
        "out": out,
        "full": (since_zero > params.most + 1).astype(np.int64),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    depth = values("depth", "depth", 1, 3, 5)
    step = Point(
        "step",
        {
            "a one passes": lambda t: t["given"] == 1,
            "a zero passes": lambda t: t["out"] == 0,
            "a zero is turned": lambda t: (t["given"] == 0) & (t["out"] == 1),
        },
    )
    return CoverGroup("sc.rectifier", [cross(depth, step), cross(depth, values("full", "full", 0, 1))])


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
