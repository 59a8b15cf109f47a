"""Bench of `chiplet.secded`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.secded import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.secded_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, cross, values


def words(params: Params) -> Stimulus:
    """Words with up to four errors each."""
    port = CORE.inputs(params)["input"]
    bits = params.width + params.check_bits

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        rows = []
        for errors in random.integers(0, 5, size):
            flips = sum(1 << int(place) for place in random.choice(bits, errors, replace=False))
            data = int.from_bytes(random.bytes(8), "little") >> (64 - params.width)
            rows.append((data, flips & (1 << params.width) - 1, flips >> params.width))
        return {"input": port.from_tuples(rows)}

    return stimulus


CASES = [
    Case(name, params, words(params)) for name, params in (("eight", Params(8)), ("sixty-four", Params(64)))
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """How many bits were wrong, of data and check bits, and what was said of them."""
    sent, came = inputs["input"], outputs["output"]
    return {
        "data": np.array([int(flips).bit_count() for flips in sent["flips"]]),
        "check": np.array([int(flips).bit_count() for flips in sent["check_flips"]]),
        "corrected": came["corrected"],
        "uncorrectable": came["uncorrectable"],
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "chiplet.secded",
        [
            cross(values("wrong data bits", "data", 0, 1, 2), values("wrong check bits", "check", 0, 1, 2)),
            cross(
                values("corrected", "corrected", 0, 1),
                values("uncorrectable", "uncorrectable", 0, 1),
                impossible={("1", "1"): "what is put right was not beyond it"},
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
