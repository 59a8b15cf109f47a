"""Bench of `sc.firing_rate`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fixed import Overflow
from spikelock.models.ports import Records
from spikelock.models.sc.firing_rate import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Impossible, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.firing_rate_bugs import BUGS

BETWEEN_TICKS: Impossible = {
    "output": {
        ("back to back", "at once"): "a single neuron has ticks without a rate between two rates",
        ("back to back", "stalled"): "a single neuron has ticks without a rate between two rates",
    },
}


def drive(params: Params) -> Stimulus:
    """Windows of few spikes and of many, and restarts now and then."""
    port = CORE.inputs(params)["input"]
    stretch = 2 * params.neurons * params.window

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        density = np.repeat(random.choice([0.0, 0.5, 1.0, 1.0], size // stretch + 1), stretch)[:size]
        spikes = random.random(size) < density
        restarts = random.random(size) < 0.2 / params.window
        return {"input": port.records(spikes.astype(np.int64), restarts.astype(np.int64))}

    return stimulus


def case(name: str, params: Params) -> Case:
    """A case of those parameters."""
    no_two = params.neurons == 1 and params.window > 1
    return Case(name, params, drive(params), impossible=BETWEEN_TICKS if no_two else {})


CASES = [
    case("wraps", Params(3, 4, 5, 4)),
    case("single", Params(1, 3, 3, 3, Overflow.SATURATE)),
    case("published", Params(2, 9, 0x3333_3333, 32)),
    case("every-tick", Params(2, 1, 1, 1)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a rate, and what the stimulus has."""
    rate = outputs["output"]["rate"]
    most = (1 << params.width) - 1
    whole = params.window * params.scale
    limited = min(whole, most) if params.overflow is Overflow.SATURATE else whole & most
    restarts = np.flatnonzero(inputs["input"]["restart"])

    def all_over(value: bool) -> Any:
        return np.full(len(rate), int(value))

    return {
        "silent": (rate == 0).astype(np.int64),
        "full": (rate == limited).astype(np.int64),
        "saturates": all_over(params.overflow is Overflow.SATURATE),
        "single": all_over(params.neurons == 1),
        "first restart": all_over(bool((restarts % params.neurons == 0).any())),
        "other restart": all_over(bool((restarts % params.neurons != 0).any())),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    single = values("a single neuron", "single", 0, 1)
    return CoverGroup(
        "sc.firing_rate",
        [
            cross(single, values("no spikes", "silent", 0, 1)),
            cross(values("saturates", "saturates", 0, 1), values("spikes in every tick", "full", 0, 1)),
            Point(
                "restart",
                {
                    "with the first neuron": lambda t: t["first restart"] == 1,
                    "with another": lambda t: t["other restart"] == 1,
                },
            ),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
