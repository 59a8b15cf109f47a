"""Bench of `chiplet.power_gate`: with a die that forgets all, and shows noise, whenever it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.power_gate import CORE, FULL_RATE, Params, Role, requests
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.power_gate_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

RATES = (0, 1, 5, 8, 15, FULL_RATE)


def random_requests(size: int, random: np.random.Generator) -> Records:
    """Off and on, at all rates; some are withdrawn before they are granted."""
    on = random.random(size) < 0.4
    rate = random.choice(RATES, size, p=[0.1, 0.1, 0.2, 0.2, 0.2, 0.2])
    granted = np.where(rate == 0, on, random.random(size) < 0.7)
    length = np.where(random.random(size) < 0.3, 0, random.integers(0, 64, size))
    return requests().records(on, rate, granted, length)


def case(name: str, params: Params, every: int) -> Case:
    """Random words on each channel. every: words for one request; 0: there are none."""
    ports = CORE.inputs(params)

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        words = {
            name: port.records(random.integers(0, 1 << port.width, size))
            for name, port in ports.items()
            if name != "requests"
        }
        return {**words, "requests": random_requests(size // every if every else 0, random)}

    return Case(name, params, stimulus)


TWO = Params(Role.JOINED, (8, 3), (8, 3), reset_cycles=3)
CASES = [
    case("two-channels", TWO, 8),
    case("always-on", TWO, 0),
    case("one-reset", Params(Role.JOINED, (5,), (5,), reset_cycles=1), 4),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What is asked for, and what was asked for before."""
    asked = inputs["requests"]
    return {
        "on": asked["on"][1:],
        "before": asked["on"][:-1],
        "rate": asked["rate"][1:],
        "granted": asked["granted"][1:],
        "at_once": asked["length"][1:] == 0,
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    on, before = values("on", "on", 0, 1), values("before", "before", 0, 1)
    granted = Point(
        "stands until",
        {
            "granted": lambda t: t["granted"] == 1,
            "the next, at once": lambda t: (t["granted"] == 0) & t["at_once"],
            "the next, later": lambda t: (t["granted"] == 0) & ~t["at_once"],
        },
    )
    return CoverGroup(
        "chiplet.power_gate", [cross(before, on, granted), cross(on, values("rate", "rate", *RATES))]
    )


BENCH = Bench(CORE, CASES, coverage, observe, silence=600, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
