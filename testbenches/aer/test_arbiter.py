"""Bench of `aer.arbiter`, split by its inputs, or with events that come at once; what that must reach."""

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
from spikelock.testbenches.aer.channels import from_input, random_channel, same_marks
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values


def case(name: str, params: Params) -> Case:
    """Random events at each input, whose payloads say where they came in; as many marks everywhere."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        each = max(4, size // params.inputs)
        marks = 0.35 if params.together else 0.15
        channels = [
            from_input(random_channel(params.event, each, random, marks), number, params.inputs)
            for number in range(params.inputs)
        ]
        return dict(
            zip(CORE.inputs(params), channels if params.together else same_marks(channels), strict=True)
        )

    return Case(name, params, stimulus)


CASES = [
    case("round-robin", Params(3, Policy.ROUND_ROBIN, Format(3, payload_width=4), split=True)),
    case("in-turn", Params(3, Policy.ROUND_ROBIN, Format(2, payload_width=2), together=True)),
    case("priority", Params(3, Policy.PRIORITY, Format(4, payload_width=3, tick_width=2), together=True)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """Kinds of what came out, how many events each step has at each input, and whose event followed whose."""
    none = np.zeros(0, np.int64)
    if params.together:
        output = outputs["output"]
        source = output["payload"] % (1 << (params.inputs - 1).bit_length())
        turns = {"before": source[:-1], "after": source[1:]}
        return {"kind": output["kind"], "source": source, "events": none, "of": none, **turns}
    kinds = [records["kind"] for records in outputs.values()]
    marks = [np.flatnonzero(of_one == Kind.TICK) for of_one in kinds]
    return {
        "kind": np.concatenate(kinds),
        "source": np.repeat(np.arange(params.inputs), list(map(len, kinds))),
        "events": np.concatenate([np.diff(at, prepend=-1) - 1 for at in marks]),
        "of": np.repeat(np.arange(params.inputs), list(map(len, marks))),
        "before": none,
        "after": none,
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
    return CoverGroup(
        "aer.arbiter",
        [
            cross(values("kind", "kind", *Kind), values("source", "source", 0, 1, 2)),
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
