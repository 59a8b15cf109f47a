"""Bench of `link.endpoint`: two of them, joined by a line that loses, doubles, swaps and delays frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.endpoint import CORE, Fault, Params, Role
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, values
from spikelock.testbenches.link.endpoint_bugs import BUGS

FAULTY = (
    (1, 0, 0, 0, 0),
    (0.6, 0.1, 0.1, 0.1, 0.1),
    (0.3, 0.7, 0, 0, 0),
    (0.3, 0, 0.7, 0, 0),
    (0.3, 0.1, 0, 0.6, 0),
    (0.3, 0.2, 0.1, 0.1, 0.3),
)
"""Kinds of lines: how likely each fault is."""


def faults(random: np.random.Generator, size: int) -> np.ndarray[Any, Any]:
    """A line that is of another kind now and then."""
    kinds = random.integers(len(FAULTY), size=size // 25 + 1)
    return np.concatenate([random.choice(len(Fault), 25, p=FAULTY[kind]) for kind in kinds])


def packets_and_faults(params: Params, faulty: bool) -> Stimulus:
    """Packets of any length both ways, some so long that they are cut, while the line does its worst.

    faulty: else it does nothing, and packets come as fast as they can.
    """
    ports = CORE.inputs(params)

    def packets(random: np.random.Generator, size: int) -> Records:
        last = random.random(size) < random.choice([0.2, 0.5, 0.9])
        last[-1] = True
        data = random.integers(0, 1 << params.width, size)
        return ports["to_board"].records(data, last.astype(np.int64))

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        def line() -> np.ndarray[Any, Any]:
            return faults(random, 4 * size) * faulty

        return {
            "to_board": packets(random, size),
            "to_host": packets(random, max(1, size // 2)),
            "faults_to_board": ports["faults_to_board"].records(line()),
            "faults_to_host": ports["faults_to_host"].records(line()),
        }

    return stimulus


def case(name: str, params: Params, faulty: bool = True) -> Case:
    return Case(name, params, packets_and_faults(params, faulty))


BYTES = Params(role=Role.JOINED, longest=4, window=8, timeout=60)
NARROW = Params(role=Role.JOINED, width=3, longest=3, window=2, number_bits=2, timeout=40)

CASES = [case("bytes", BYTES), case("fewest-numbers", NARROW), case("full-buffers", BYTES, faulty=False)]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What the line did to frames; of packets at the board, their lengths."""
    last = np.flatnonzero(outputs["at_board"]["last"])
    lost = inputs["faults_to_board"]["fault"] == Fault.DROP
    return {
        "to_board": inputs["faults_to_board"]["fault"],
        "to_host": inputs["faults_to_host"]["fault"],
        "lost_before": np.concatenate([[0], np.diff(np.flatnonzero(np.append(~lost, True))) - 1]),
        "longest": np.diff(np.concatenate([[-1], last])) == params.longest,
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = {fault.name.lower(): fault for fault in Fault}
    return CoverGroup(
        "link.endpoint",
        [
            Point("to the board", {n: lambda t, f=f: t["to_board"] == f for n, f in kinds.items()}),
            Point("to the host", {n: lambda t, f=f: t["to_host"] == f for n, f in kinds.items()}),
            Point("lost in a row", {str(n): lambda t, n=n: t["lost_before"] == n for n in range(1, 6)}),
            values("packet as long as can be", "longest", 0, 1),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, silence=3000, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
