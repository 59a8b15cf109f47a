"""Bench of `sc.halton`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.halton import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point
from spikelock.testbenches.sc.halton_bugs import BUGS
from spikelock.testbenches.sc.requests import observe_requests, request_coverage, requests

KINDS = ("base 2", "another base")
CASES = [
    Case("base-2", Params(2, 4), requests),
    Case("base-3", Params(3, 5), requests),
    Case("one-bit", Params(2, 1), requests),
    Case("three-digits", Params(7, 9), requests),
]
WIDEST = Case("widest", Params(61, 32), requests)
"""Its higher digits hardly ever change, so that it says little of mistakes."""


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a request; see `observe_requests`. extreme: the smallest and the greatest of all values."""
    value, greatest = outputs["output"]["value"], sum(params.weights) * (params.base - 1)
    return {
        **observe_requests(params.period, inputs, int(params.base > 2)),
        "extreme": np.where(value == greatest, 1, np.where(value == 0, -1, 0)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return request_coverage(
        "sc.halton",
        KINDS,
        Point("value", {"zero": lambda t: t["extreme"] == -1, "greatest": lambda t: t["extreme"] == 1}),
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)


def test_widest_numbers(size: Any) -> None:
    require(BENCH, WIDEST, "rtl", size)
