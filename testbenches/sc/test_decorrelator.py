"""Bench of `sc.decorrelator`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.decorrelator import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.decorrelator_bugs import BUGS


def drive(params: Params) -> Stimulus:
    """Stretches of ones, of zeros, and of anything between; addresses anywhere, and the same one again."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        density = np.repeat(random.choice([0.0, 0.3, 0.5, 0.7, 1.0], size // 24 + 1), 24)[:size]
        top = port.fields["address"].maximum
        anywhere = random.integers(0, top, size, endpoint=True)
        same = np.repeat(random.integers(0, top, size // 4 + 1, endpoint=True), 4)[:size]
        address = np.where(random.random(size) < 0.3, same, anywhere)
        return {"input": port.records((random.random(size) < density).astype(np.int64), address)}

    return stimulus


CASES = [Case(name, Params(n), drive(Params(n))) for name, n in (("one", 1), ("six", 6), ("seven", 7))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction. since: transactions since the same address came last, as far as that matters."""
    address = inputs["input"]["address"]
    last: dict[int, int] = {}
    since = np.full(len(address), -1)
    for step, place in enumerate(address.tolist()):
        since[step] = min(step - last.get(place, step + 1), 2)
        last[place] = step
    return {
        "depth": np.full(len(address), params.depth),
        "address": np.where(address < params.depth, address, params.depth),
        "end": np.select([address == 0, address == params.depth - 1, address >= params.depth], [0, 1, 2], 3),
        "since": since,
        "given": inputs["input"]["bit"],
        "bit": outputs["output"]["bit"],
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    bit, given = values("bit", "bit", 0, 1), values("given", "given", 0, 1)
    ages = Point(
        "the bit came",
        {
            "before reset": lambda t: (t["since"] == -1) & (t["end"] != 2),
            "just before": lambda t: (t["since"] == 1) & (t["end"] != 2),
            "longer ago": lambda t: (t["since"] == 2) & (t["end"] != 2),
        },
    )
    passes = Point("passes by", {"yes": lambda t: t["end"] == 2})
    depth = values("depth", "depth", 1, 6, 7)
    deep = Point(
        "address of seven", {str(n): lambda t, n=n: (t["depth"] == 7) & (t["address"] == n) for n in range(8)}
    )
    return CoverGroup(
        "sc.decorrelator", [cross(ages, bit, given), cross(depth, passes, given), cross(deep, bit)]
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
