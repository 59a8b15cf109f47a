"""Bench of `aer.priority_queue`, split by class: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.event import Format
from spikelock.models.aer.priority_queue import CORE, Full, Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records, RegisterMap
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.priority_queue_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point


def case(name: str, params: Params) -> Case:
    """Random events; now and then most of them are of one class."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        events = random_channel(params.event, size, random, ticks=0.1)
        often = np.repeat(random.integers(params.classes, size=size // 25 + 1), 25)[:size]
        bits = params.class_width
        one = events["payload"] >> bits << bits | often
        crowded = (random.random(size) < 0.7) & (events["kind"] != Kind.TICK)
        events["payload"] = np.where(crowded, one, events["payload"])
        events[0] = (Kind.TICK, 0, 0)  # before anything can have been dropped
        return {"input": events}

    return Case(name, params, stimulus)


CASES = [
    case("stall", Params(4, 3, Full.STALL, Format(4, payload_width=3), split=True)),
    case("drop", Params(2, 4, Full.DROP, Format(5, payload_width=4), count_width=6, split=True)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """Events of a step of each class; what was dropped in each step, where something can be."""
    kinds = [outputs[f"output{number}"]["kind"] for number in range(params.classes)]
    marks = [np.flatnonzero(of_one == Kind.TICK) for of_one in kinds]
    events = np.concatenate([np.diff(at, prepend=-1) - 1 for at in marks])
    columns = {"events": events, "class": np.repeat(np.arange(params.classes), list(map(len, marks)))}
    none = np.zeros(0, np.int64)
    count = outputs["traps"]["count"] if params.drops else none
    latched = outputs["traps"]["latched"] if params.drops else none
    largest = count == (1 << params.count_width) - 1
    return {**columns, "dropped": np.diff(count, prepend=0), "latched": latched, "largest": largest}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "aer.priority_queue",
        [
            Point(
                "events of a class in a step",
                {"none": lambda t: t["events"] == 0, "4": lambda t: t["events"] > 3},
            ),
            Point("classes", {str(n): lambda t, n=n: t["class"] == n for n in range(4)}),
            Point(
                "dropped in a step", {"none": lambda t: t["dropped"] == 0, "some": lambda t: t["dropped"] > 1}
            ),
            Point("traps", {str(n): lambda t, n=n: t["latched"] == n for n in (0, 3)}),
            Point("as many as can be counted", {"yes": lambda t: t["largest"]}),
        ],
    )


def settings(registers: RegisterMap, random: np.random.Generator) -> Mapping[str, int]:
    """Traps are mostly not cleared."""
    return {"clear": int(random.random() < 0.2)}


ONE_A_STEP = "between two steps' traps a mark comes and leaves"
IMPOSSIBLE: Impossible = {
    "traps": {("back to back", passing): ONE_A_STEP for passing in ("at once", "stalled")}
}

BENCH = Bench(
    CORE, CASES, coverage, observe, impossible=IMPOSSIBLE, bugs=BUGS, settings=settings, silence=200
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
