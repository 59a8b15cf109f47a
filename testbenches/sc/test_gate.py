"""Bench of `sc.gate`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.gate import CORE, Gate, Params
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.gate_bugs import BUGS


def drive(params: Params) -> Stimulus:
    """Independent bits."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        top = (1 << params.lanes) - 1
        return {"input": port.records(*(random.integers(0, top, size, endpoint=True) for _ in port.fields))}

    return stimulus


def case(name: str, gate: Gate, lanes: int) -> Case:
    """So many of one gate."""
    return Case(name, Params(gate, lanes), drive(Params(gate, lanes)))


CASES = [*(case(gate.value, gate, 3) for gate in Gate), case("most-lanes", Gate.MUX, 63)]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction: the bits of the highest lane."""
    given, lane = inputs["input"], params.lanes - 1
    columns = {name: given[name] >> lane & 1 for name in params.operands}
    absent = np.full(len(given), -1)
    return {
        "gate": np.full(len(given), list(Gate).index(params.gate)),
        "most": np.full(len(given), int(params.lanes == 63)),
        "bit": outputs["output"]["bits"] >> lane & 1,
        **{name: columns.get(name, absent) for name in ("a", "b", "select")},
    }


def coverage() -> CoverGroup:
    """Every gate with every operand."""
    gates = list(Gate)
    two = [gate for gate in gates if gate is not Gate.NOT]
    bit, a, b = values("bit", "bit", 0, 1), values("a", "a", 0, 1), values("b", "b", 0, 1)
    return CoverGroup(
        "sc.gate",
        [
            cross(_gates("gate", gates), bit),
            cross(_gates("gate", [Gate.NOT]), a),
            cross(_gates("gate of two or more", two), a, b),
            cross(_gates("multiplexer", [Gate.MUX]), values("select", "select", 0, 1), a, b),
            cross(values("63 lanes", "most", 1), bit),
        ],
    )


def _gates(name: str, gates: Sequence[Gate]) -> Point:
    numbers = {gate.value: list(Gate).index(gate) for gate in gates}
    return Point(name, {gate: lambda t, n=n: t["gate"] == n for gate, n in numbers.items()})


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
