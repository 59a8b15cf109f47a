"""Bench of `sc.counter`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.counter import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point
from spikelock.testbenches.sc.counter_bugs import BUGS
from spikelock.testbenches.sc.requests import observe_requests, request_coverage, requests
from spikelock.testbenches.settings import random_settings

CASES = [
    Case("narrow", Params(4, 9), requests, {"start": 3}),
    Case("one-bit", Params(1), requests, {"start": 1}),
    Case("widest", Params(63, 5), requests, {"start": (1 << 63) - 10}),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a request; see `observe_requests`."""
    value, top = outputs["output"]["value"], (1 << params.width) - 1
    return {
        **observe_requests(top + 1, inputs, 0),
        "extreme": np.where(value == top, 1, np.where(value == 0, -1, 0)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return request_coverage(
        "sc.counter",
        ["counter"],
        Point("value", {"zero": lambda t: t["extreme"] == -1, "all ones": lambda t: t["extreme"] == 1}),
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=random_settings, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
