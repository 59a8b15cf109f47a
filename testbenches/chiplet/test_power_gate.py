"""Bench of `chiplet.power_gate`: with a die that forgets all, and shows noise, whenever it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.power_gate import CORE, FULL_RATE, Params, Role, requests
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.power_gate_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, cross, values

RATES = (0, 1, 5, 8, 15, FULL_RATE, 31)


def random_requests(size: int, off: float, random: np.random.Generator) -> Records:
    """Off and on, at all rates; half are withdrawn, after a cycle or more. off: how many are to be off."""
    on = random.random(size) >= off
    usual = random.random(size) < 0.8
    rate = np.where(usual, random.choice(RATES, size), random.integers(0, 32, size))
    return requests().records(on, rate, random.random(size) < 0.5)


def case(name: str, params: Params, off: float) -> Case:
    """Random words on each channel."""
    ports = CORE.inputs(params)

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        words = {
            name: port.records(random.integers(0, 1 << port.width, size))
            for name, port in ports.items()
            if name != "requests"
        }
        return {**words, "requests": random_requests(max(1, size // 3), off, random)}

    return Case(name, params, stimulus)


TWO = Params(Role.JOINED, (8, 3), (8, 3), reset_cycles=3)
CASES = [
    case("two-channels", TWO, 0.6),
    case("seldom-off", TWO, 0.05),
    case("one-channel", Params(Role.JOINED, (5,), (5,), reset_cycles=2), 0.6),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What is asked for, and what was asked for before."""
    asked = inputs["requests"]
    names = ("on", "rate", "granted")
    return {n: asked[n][1:] for n in names} | {f"{n}_before": asked[n][:-1] for n in names}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    on, granted = values("on", "on", 0, 1), values("granted", "granted", 0, 1)
    before = cross(values("on before", "on_before", 0, 1), values("granted before", "granted_before", 0, 1))
    return CoverGroup(
        "chiplet.power_gate", [cross(before, on, granted), cross(on, values("rate", "rate", *RATES))]
    )


APART = "a report says what was in the 16 cycles before"
IMPOSSIBLE: Impossible = {
    "reports": {("back to back", passing): APART for passing in ("at once", "stalled")},
}

BENCH = Bench(CORE, CASES, coverage, observe, impossible=IMPOSSIBLE, silence=600, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
