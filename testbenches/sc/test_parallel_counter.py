"""Bench of `sc.parallel_counter`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.parallel_counter import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.parallel_counter_bugs import BUGS


def drive(params: Params) -> Stimulus:
    """Windows of all lengths, with few ones and with many."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        density = np.repeat(random.choice([0.0, 0.1, 0.5, 0.9, 1.0], size // 8 + 1), 8)[:size, np.newaxis]
        ones = random.random((size, params.streams)) < density
        bits = (ones.astype(np.int64) << np.arange(params.streams)).sum(axis=1)
        often = np.repeat(random.choice([0.05, 0.2, 1.0], size // 32 + 1), 32)[:size]
        return {"input": port.records(bits, (random.random(size) < often).astype(np.int64))}

    return stimulus


def case(name: str, streams: int, width: int) -> Case:
    """A case of those parameters."""
    return Case(name, Params(streams, width), drive(Params(streams, width)))


CASES = [
    case("one-stream", 1, 3),
    case("saturates", 5, 4),
    case("narrower-than-a-step", 9, 2),
    case("one-bit", 3, 1),
    case("eight-streams", 8, 5),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a window."""
    ends = np.flatnonzero(inputs["input"]["last"])
    count = outputs["output"]["count"]
    ones = np.bitwise_count(inputs["input"]["bits"][ends])
    return {
        "full": outputs["output"]["full"],
        "below": (count == params.most - 1).astype(np.int64),
        "empty": (count == 0).astype(np.int64),
        "length": np.minimum(np.diff(np.concatenate([[-1], ends])), 3),
        "whole": (ones == params.streams).astype(np.int64),
        "streams": np.full(len(count), min(params.streams, 2)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    full = values("full", "full", 0, 1)
    lengths = ("one", "two", "longer")
    length = Point("length", {name: lambda t, n=n: t["length"] == n for n, name in enumerate(lengths, 1)})
    return CoverGroup(
        "sc.parallel_counter",
        [
            cross(length, full),
            cross(length, values("no ones", "empty", 0, 1)),
            cross(values("streams", "streams", 1, 2), full),
            values("one less than full", "below", 1),
            cross(values("the last bits are all ones", "whole", 0, 1), full),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS, alarms={"output": {"full": 1}})


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
