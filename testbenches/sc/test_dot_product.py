"""Bench of `sc.dot_product`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.dense import Product
from spikelock.models.sc.dot_product import CORE, Division, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.dot_product_bugs import BUGS
from spikelock.testbenches.settings import random_settings


def drive(params: Params) -> Stimulus:
    """Windows shorter than count, just as long, and longer, with few ones and with many."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        lengths = random.choice([1, 2, params.length, params.length, params.length + 3], size)
        last = np.zeros(size, np.int64)
        ends = np.cumsum(lengths) - 1
        last[ends[ends < size]] = 1
        density = np.repeat(random.choice([0.0, 0.5, 1.0], size // 8 + 1), 8)[:size, np.newaxis]
        ones = random.random((size, params.inputs)) < density
        bits = (ones.astype(np.int64) << np.arange(params.inputs)).sum(axis=1)
        return {"input": port.records(bits, last, (random.random(size) < 0.05).astype(np.int64))}

    return stimulus


def case(name: str, params: Params, y_min: int, y_max: int, *weights: int) -> Case:
    """A case of those weights."""
    registers = {"y_min": y_min, "y_max": y_max}
    registers |= {f"weight_{j}": weight for j, weight in enumerate(weights)}
    if params.product is Product.AND:
        registers |= {f"weight_{j}": abs(weight) for j, weight in enumerate(weights)}
        registers["negative"] = sum(1 << j for j, weight in enumerate(weights) if weight < 0)
    return Case(name, params, drive(params), registers)


AND = Params(3, Product.AND, 6, 5, 9)
XNOR = Params(2, Product.XNOR, 8, 4, 12, Division.NEAREST, "galois")
SYNAPSE = Params(1, Product.AND, 5, 1, 2)

CASES = [
    case("rises", AND, -20, 90, 50, -30, 64),
    case("falls", AND, 30, -70, 50, 20, -40),
    case("saturates", AND, -200, 250, 60, 63, 64),
    case("saturates-below", AND, 255, -256, 60, 63, 64),
    case("xnor", XNOR, -7, 12, 100, -60),
    case("xnor-falls", XNOR, 900, -15, 30, 128),
    case("synapse", SYNAPSE, 0, 1, -20),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a window."""
    ends = np.flatnonzero(inputs["input"]["last"])
    current, registers = outputs["output"]["current"], configuration.registers
    restarts = np.flatnonzero(inputs["input"]["restart"])
    return {
        "xnor": np.full(len(current), int(params.product is Product.XNOR)),
        "falls": np.full(len(current), int(registers["y_max"] < registers["y_min"])),
        "length": np.sign(np.diff(np.concatenate([[-1], ends])) - params.length),
        "side": np.sign(current - registers["y_min"]),
        "highest": (current == params.current.maximum).astype(np.int64),
        "lowest": (current == params.current.minimum).astype(np.int64),
        "restart": np.isin(ends, restarts).astype(np.int64),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    product = values("xnor", "xnor", 0, 1)
    length = Point(
        "length",
        {
            name: lambda t, n=n: t["length"] == n
            for n, name in ((-1, "shorter than counts"), (0, "just as long"), (1, "longer"))
        },
    )
    return CoverGroup(
        "sc.dot_product",
        [
            cross(product, values("falls", "falls", 0, 1), values("side of y_min", "side", -1, 0, 1)),
            cross(product, length),
            values("at its upper end", "highest", 1),
            values("at its lower end", "lowest", 1),
            values("a restart at the end of a window", "restart", 0, 1),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=random_settings, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
