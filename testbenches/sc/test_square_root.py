"""Bench of `sc.square_root`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.square_root import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.square_root_bugs import BUGS


def drive(params: Params) -> Stimulus:
    """By turns bits that drive the counter to its upper end, to its lower end, and any; numbers that show it.

    A number of 0 is below every counter but 0, the largest but one only below the largest counter.
    """
    port, top = CORE.inputs(params)["input"], (1 << params.width) - 1
    length = 6 << min(params.width, 4)

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        turn = np.arange(size) // length % 3
        bits = random.random(size) < np.choose(turn, [0.9, 0.1, 0.4])
        numbers = random.integers(0, top, size, endpoint=True)
        telling = np.where(turn == 1, 0, top - random.integers(0, 2, size))
        shown = random.random(size) < np.choose(turn, [0.5, 0.9, 0.1])
        return {"input": port.records(bits.astype(np.int64), np.where(shown, telling, numbers))}

    return stimulus


CASES = [
    Case(name, Params(width), drive(Params(width)))
    for name, width in (("one-bit", 1), ("three-bits", 3), ("six-bits", 6))
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction. end: where the number says that the counter is 0 (−1) or the largest (1)."""
    given, root = inputs["input"], outputs["output"]["bit"]
    top = (1 << params.width) - 1
    before = np.concatenate([[0], root[:-1]])[: len(root)]
    number = given["number"]
    return {
        "width": np.full(len(given), params.width),
        "bit": given["bit"],
        "root": root,
        "square": root & before,
        "end": np.select([(number == 0) & (root == 0), (number == top - 1) & (root == 1)], [-1, 1], 0),
        "largest": (number == top).astype(np.int64),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    width, bit = values("width", "width", 1, 3, 6), values("bit", "bit", 0, 1)
    end = Point("counter", {"0": lambda t: t["end"] == -1, "largest": lambda t: t["end"] == 1})
    return CoverGroup(
        "sc.square_root",
        [
            cross(width, bit, values("square", "square", 0, 1)),
            cross(width, values("root", "root", 0, 1)),
            cross(values("narrow", "width", 1, 3), end, bit),
            cross(width, values("number", "largest", 1)),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
