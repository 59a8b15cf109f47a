"""Bench of `chiplet.scrambler`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.scrambler import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.scrambler_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, cross, values

FRAME = 6
"""Beats from one seed to the next."""


def frames(params: Params) -> Stimulus:
    """Frames with a whole seed, or now and then a part of one, on a line that changes and loses beats."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        place = np.arange(size) % (params.seed_beats + FRAME)
        seed = (place < params.seed_beats) & (random.random(size) < 0.98)
        data, flips = random.integers(0, 1 << params.width, (2, size))
        wrong = random.random(size) < 0.1
        lost = random.random(size) < 0.02
        return {"input": port.records(data, seed.astype(np.int64), flips * wrong, lost.astype(np.int64))}

    return stimulus


CASES = [
    Case(name, params, frames(params)) for name, params in (("eight", Params(8)), ("thirty-two", Params(32)))
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What befell a beat, and whether it came as it was sent but for what the line changed."""
    sent, came = inputs["input"], outputs["output"]
    return {
        "seed": sent["seed"],
        "lost": sent["lost"],
        "changed": sent["flips"] != 0,
        "undone": (came["data"] == sent["data"] ^ sent["flips"]) & (sent["seed"] == 0),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "chiplet.scrambler",
        [
            cross(values("seed", "seed", 0, 1), values("lost", "lost", 0, 1)),
            cross(values("changed", "changed", 0, 1), values("seed", "seed", 0, 1)),
            values("undone", "undone", 0, 1),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
