"""Bench of `sc.lfsr`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.lfsr import Kind
from spikelock.models.ports import Records
from spikelock.models.sc.lfsr import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.lfsr_bugs import BUGS
from spikelock.testbenches.sc.requests import observe_requests, request_coverage, requests
from spikelock.testbenches.settings import random_settings

KINDS: tuple[Kind, ...] = ("fibonacci_left", "fibonacci_right", "galois")


def case(name: str, width: int, kind: Kind, seed: int, restart: int) -> Case:
    """restart: what the register `seed` is set to."""
    return Case(name, Params(width, kind, seed), requests, {"seed": restart})


CASES = [
    *(case(f"three-bits-{kind}", 3, kind, 5, 2) for kind in KINDS),
    *(case(f"published-{kind}", 16, kind, 0xACE1, 0xBEEF) for kind in KINDS),
    case("widest", 64, "galois", (1 << 64) - 1, 1 << 63),
    case("seed-zero", 16, "fibonacci_left", 0xACE1, 0),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a request; see `observe_requests`."""
    value, top = outputs["output"]["value"], params.generator.period
    return {
        **observe_requests(top, inputs, KINDS.index(params.kind)),
        "zero": np.full(len(value), int(configuration.registers["seed"] == 0)),
        "extreme": np.where(value == top, 1, np.where(value == 1, -1, 0)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return request_coverage(
        "sc.lfsr",
        KINDS,
        cross(values("seed zero", "zero", 0, 1), values("restart", "restart", 1)),
        Point("value", {"one": lambda t: t["extreme"] == -1, "all ones": lambda t: t["extreme"] == 1}),
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=random_settings, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
