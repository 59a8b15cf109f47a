"""Bench of `aer.decoder`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.decoder import CORE, Params
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.decoder_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point


def case(name: str, params: Params) -> Case:
    """Random events, of which most have the tick of their step."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        events = random_channel(params.event, size, random)
        step = np.cumsum(events["kind"] == Kind.TICK) - (events["kind"] == Kind.TICK)
        if params.event.tick_width:
            right = step % (1 << params.event.tick_width)
            events["tick"] = np.where(random.random(size) < 0.1, events["tick"], right)
        return {"input": events}

    return Case(name, params, stimulus)


CASES = [
    case("few", Params(neurons=11, base=3, event=Format(4, tick_width=2), count_width=2)),
    case("many", Params(neurons=70, event=Format(7), count_width=3)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """The counts of each vector; 0 late ones where there are no ticks."""
    vectors = outputs["vector"]
    none = np.zeros(len(vectors), np.int64)
    counts = {name: vectors[name] if name in params.counts else none for name in COUNTS}
    return {**counts, "most": none + (1 << params.count_width) - 1}


COUNTS = ("late", "outside", "doubled", "other")


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "aer.decoder",
        [
            Point(
                name,
                {
                    "none": lambda t, n=name: t[n] == 0,
                    "one": lambda t, n=name: t[n] == 1,
                    "as many as are counted": lambda t, n=name: t[n] == t["most"],
                },
            )
            for name in COUNTS
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
