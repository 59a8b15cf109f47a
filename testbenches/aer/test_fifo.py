"""Bench of `aer.fifo`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.event import Format
from spikelock.models.aer.fifo import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.fifo_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, cross, values


def case(name: str, params: Params) -> Case:
    """Random events."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        return {"input": random_channel(params.event, size, random)}

    return Case(name, params, stimulus)


CASES = [
    case("shallow", Params(depth=3, event=Format(4))),
    case("deep", Params(depth=7, event=Format(9, payload_width=5, tick_width=2))),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """Each event and the one before it."""
    kinds = outputs["output"]["kind"]
    return {"kind": kinds[1:], "before": kinds[:-1]}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = (Kind.SPIKE, Kind.TICK, Kind.RESTART)
    return CoverGroup("aer.fifo", [cross(values("kind", "kind", *kinds), values("after", "before", *kinds))])


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
