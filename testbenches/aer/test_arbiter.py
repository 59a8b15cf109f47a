"""Bench of `aer.arbiter`, whose inputs give something at once: what is tried, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.arbiter import CORE, Params, Policy
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.aer.arbiter_bugs import BUGS
from spikelock.testbenches.aer.channels import from_input, random_channel
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values


def case(name: str, params: Params) -> Case:
    """Random events at each input, whose payloads say where they came in; and many marks."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        each = max(4, size // params.inputs)
        return {
            name: from_input(random_channel(params.event, each, random, 0.3), number, params.inputs)
            for number, name in enumerate(CORE.inputs(params))
        }

    return Case(name, params, stimulus)


CASES = [
    case("round-robin", Params(3, Policy.ROUND_ROBIN, Format(3, payload_width=4), together=True)),
    case("priority", Params(3, Policy.PRIORITY, Format(4, payload_width=3, tick_width=2), together=True)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """Of events their kinds, and whose followed whose; how many events each step has of each input."""
    output = outputs["output"]
    is_mark = output["kind"] == Kind.TICK
    step = np.cumsum(is_mark)[~is_mark]
    events = output[~is_mark]
    source = (events["payload"] - events["address"]) % (1 << (params.inputs - 1).bit_length())
    counts = np.zeros((is_mark.sum() + 1, params.inputs), np.int64)
    np.add.at(counts, (step, source), 1)
    return {
        "kind": events["kind"],
        "source": source,
        "before": source[:-1],
        "after": source[1:],
        "events": counts.ravel(),
        "of": np.tile(np.arange(params.inputs), len(counts)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    events = Point(
        "events in a step",
        {
            "none": lambda t: t["events"] == 0,
            "one": lambda t: t["events"] == 1,
            "more": lambda t: t["events"] > 4,
        },
    )
    kinds = (Kind.SPIKE, Kind.RESTART, Kind.FAULT)
    return CoverGroup(
        "aer.arbiter",
        [
            cross(values("kind", "kind", *kinds), values("source", "source", 0, 1, 2)),
            cross(events, values("input", "of", 0, 1, 2)),
            cross(values("served", "before", 0, 1, 2), values("then", "after", 0, 1, 2)),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
