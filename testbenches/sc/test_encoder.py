"""Bench of `sc.encoder`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.encoder import CORE, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.encoder_bugs import BUGS
from spikelock.testbenches.settings import random_settings


def drive(params: Params) -> Stimulus:
    """Numbers of all sizes; values at or beside the number they are compared with, at the ends, anywhere.

    Values that are held stay what they are.
    """
    port, top = CORE.inputs(params)["input"], (1 << params.width) - 1
    half = (1 << (params.width - 1)) if params.bipolar else 0

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        numbers = random.integers(0, top, size, endpoint=True)
        numbers = np.where(random.random(size) < 0.1, random.choice([0, top], size), numbers)
        columns = {"number": numbers}
        for lane in range(0 if params.held else params.lanes):
            delay, rotation = params.delays[lane], params.rotations[lane]
            seen = np.concatenate([np.full(delay, top), numbers])[:size]
            turned = (seen << rotation | seen >> (params.width - rotation)) & top
            beside = turned - half + random.integers(-1, 2, size)
            ends = random.choice([params.value.minimum, params.value.maximum, -half, top + 1 - half, 0], size)
            anything = random.integers(-half, top + 1 - half, size, endpoint=True)
            kind = random.integers(0, 3, size)
            value = np.select([kind == 0, kind == 1], [beside, ends], anything)
            columns[f"value{lane}"] = np.clip(value, params.value.minimum, params.value.maximum)
        return {"input": port.records(**columns)}

    return stimulus


def case(name: str, params: Params) -> Case:
    """A case of those parameters."""
    return Case(name, params, drive(params))


CASES = [
    case("unipolar", Params()),
    case("one-bit", Params(1)),
    case("lanes", Params(8, False, (0, 3, 7, 1), (0, 1, 2, 5))),
    case("bipolar-lanes", Params(4, True, (1, 0, 2), (3, 0, 1))),
    case("widest", Params(62, True, (61,), (1,))),
    replace(case("held", Params(4, True, (0, 1), (0, 1), held=True)), registers={"value0": 3, "value1": -5}),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction, of the last lane. distance: of the threshold from the number it meets."""
    given, lane = inputs["input"], params.lanes - 1
    top, half = (1 << params.width) - 1, (1 << (params.width - 1)) if params.bipolar else 0
    delay, rotation = params.delays[lane], params.rotations[lane]
    seen = np.concatenate([np.full(delay, top), given["number"]])[: len(given)]
    turned = (seen << rotation | seen >> (params.width - rotation)) & top
    value = configuration.registers[f"value{lane}"] if params.held else given[f"value{lane}"]
    threshold = np.broadcast_to(value + half, len(given))
    return {
        "bit": (outputs["output"]["bits"] >> lane & 1).astype(np.int64),
        "distance": np.clip(threshold - turned, -2, 2),
        "end": np.select(
            [threshold < 0, threshold == 0, threshold == top + 1, threshold > top + 1], [-2, -1, 1, 2], 0
        ),
        "number": np.select([given["number"] == 0, given["number"] == top], [-1, 1], 0),
        "bipolar": np.full(len(given), int(params.bipolar)),
        "several": np.full(len(given), int(params.lanes > 1)),
        "held": np.full(len(given), int(params.held)),
        "early": (np.arange(len(given)) < delay).astype(np.int64),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    bit = values("bit", "bit", 0, 1)
    polarity = Point(
        "values", {"unipolar": lambda t: t["bipolar"] == 0, "bipolar": lambda t: t["bipolar"] == 1}
    )
    ends = Point(
        "threshold",
        {
            "below zero": lambda t: t["end"] == -2,
            "zero": lambda t: t["end"] == -1,
            "inside": lambda t: t["end"] == 0,
            "full scale": lambda t: t["end"] == 1,
            "above": lambda t: t["end"] == 2,
        },
    )
    return CoverGroup(
        "sc.encoder",
        [
            cross(polarity, bit),
            cross(
                polarity,
                ends,
                impossible={("unipolar", "below zero"): "unipolar values are not negative"},
            ),
            cross(polarity, values("threshold less number", "distance", -1, 0, 1)),
            cross(polarity, values("number at an end", "number", -1, 1)),
            cross(values("several lanes", "several", 0, 1), bit),
            cross(values("held", "held", 0, 1), bit),
            cross(values("held value", "held", 1), values("held value less number", "distance", -1, 0, 1)),
            values("before a delay is filled", "early", 1),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=random_settings, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
