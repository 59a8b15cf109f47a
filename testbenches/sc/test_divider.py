"""Bench of `sc.divider`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.divider import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.divider_bugs import BUGS


def drive(params: Params) -> Stimulus:
    """Stretches of streams that share one number, as they should, and of independent bits; zeros at first."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        def stretches(*choices: float) -> Any:
            return np.repeat(random.choice(choices, size // 12 + 1), 12)[:size]

        numbers = random.random(size)
        other = np.where(stretches(0, 0, 1) == 1, random.random(size), numbers)
        columns = {
            "dividend": (other < stretches(0.0, 0.5, 0.7, 1.0)).astype(np.int64),
            "divisor": (numbers < stretches(0.0, 0.3, 0.6, 1.0)).astype(np.int64),
        }
        columns["divisor"][: 2 * params.depth] = 0
        if "address" in port.fields:
            columns["address"] = random.integers(0, params.depth, size)
        return {"input": port.records(**columns)}

    return stimulus


CASES = [Case(name, Params(n), drive(Params(n))) for name, n in (("one", 1), ("four", 4), ("eight", 8))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction. begun: whether so many ones of the divisor came as there are past bits."""
    given = inputs["input"]
    address = given["address"] if params.depth > 1 else np.zeros(len(given), np.int64)
    return {
        "depth": np.full(len(given), params.depth),
        "address": np.where(given["divisor"] == 0, address, -1),
        "dividend": given["dividend"],
        "divisor": given["divisor"],
        "begun": (np.cumsum(given["divisor"]) >= params.depth).astype(np.int64),
        "quotient": outputs["output"]["quotient"],
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    depth = values("depth", "depth", 1, 4, 8)
    dividend, quotient = values("dividend", "dividend", 0, 1), values("quotient", "quotient", 0, 1)
    repeated = Point("divisor", {"0": lambda t: t["divisor"] == 0})
    passed = Point("divisor", {"1": lambda t: (t["divisor"] == 1) & (t["dividend"] == t["quotient"])})
    places = Point(
        "address of eight", {str(n): lambda t, n=n: (t["depth"] == 8) & (t["address"] == n) for n in range(8)}
    )
    early = Point("before the register is full", {"yes": lambda t: (t["begun"] == 0) & (t["divisor"] == 0)})
    return CoverGroup(
        "sc.divider",
        [
            cross(depth, repeated, dividend, quotient),
            cross(depth, passed, quotient),
            cross(places, quotient),
            cross(Point("depth above 1", {"yes": lambda t: t["depth"] > 1}), early, quotient),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
