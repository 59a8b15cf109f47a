"""Bench of `sc.state_machine`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.state_machine import CORE, Function, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.state_machine_bugs import BUGS

INPUT = CORE.inputs(Params())["input"]
START = [False, True] * 2 + [True] * 12


def bits(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """About the middle and to the upper end, which shows the start; then ones, zeros, anything between."""
    density = np.repeat(random.choice([0.0, 0.3, 0.5, 0.7, 1.0], size // 24 + 1), 24)[:size]
    ones = random.random(size) < density
    ones[: len(START)] = START[:size]
    return {"input": INPUT.records(ones.astype(np.int64))}


def case(function: Function, states: int, gain: int = 1) -> Case:
    """A case of those parameters."""
    return Case(f"{function.value}-{states}-{gain}", Params(function, states, gain), bits)


CASES = [
    *(case(function, 8) for function in Function),
    *(case(function, 2) for function in Function),
    case(Function.EXPONENTIAL, 10, 3),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a bit. end: for sure pushed against the upper (1) or the lower (−1) end, by the last bits."""
    bit = inputs["input"]["bit"]
    steps = np.arange(len(bit))
    changes = np.concatenate([[True], bit[1:] != bit[:-1]])
    pushed = steps - np.maximum.accumulate(np.where(changes, steps, 0)) >= params.states
    return {
        "function": np.full(len(bit), list(Function).index(params.function)),
        "two": np.full(len(bit), int(params.states == 2)),
        "gain": np.full(len(bit), int(params.gain > 1)),
        "bit": outputs["output"]["bit"],
        "end": np.where(pushed, np.where(bit == 1, 1, -1), 0),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    function = Point("function", {f.value: lambda t, i=i: t["function"] == i for i, f in enumerate(Function)})
    ends = Point("end", {"lower": lambda t: t["end"] == -1, "upper": lambda t: t["end"] == 1})
    return CoverGroup(
        "sc.state_machine",
        [
            cross(function, values("two states", "two", 0, 1), values("bit", "bit", 0, 1)),
            cross(function, ends),
            cross(values("gain above 1", "gain", 1), ends),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
