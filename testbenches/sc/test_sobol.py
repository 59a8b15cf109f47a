"""Bench of `sc.sobol`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.sobol import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.requests import observe_requests, request_coverage, requests
from spikelock.testbenches.sc.sobol_bugs import BUGS
from spikelock.testbenches.settings import random_settings

KINDS = ("first dimension", "another")
CASES = [
    Case("van-der-corput", Params(0, 4, 9), requests, {"shift": 6}),
    Case("second-dimension", Params(1, 4), requests),
    Case("one-bit", Params(2, 1), requests, {"shift": 1}),
    Case("eight-bits", Params(63, 8, 255), requests, {"shift": 128}),
]
WIDEST = Case("widest", Params(63, 32, (1 << 32) - 1), requests, {"shift": 1 << 31})
"""The higher bits of its index hardly ever change, so that it says little of mistakes."""


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a request; see `observe_requests`."""
    value, top = outputs["output"]["value"], (1 << params.width) - 1
    return {
        **observe_requests(top + 1, inputs, min(params.dimension, 1)),
        "shift": np.full(len(value), int(configuration.registers["shift"] != 0)),
        "extreme": np.where(value == top, 1, np.where(value == 0, -1, 0)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return request_coverage(
        "sc.sobol",
        KINDS,
        cross(values("shifted", "shift", 0, 1), values("restart", "restart", 1)),
        Point("value", {"zero": lambda t: t["extreme"] == -1, "all ones": lambda t: t["extreme"] == 1}),
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=random_settings, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)


def test_widest_numbers(size: Any) -> None:
    require(BENCH, WIDEST, "rtl", size)
