"""Bench of `bus.wishbone`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.bus.wishbone import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.bus.accesses import (
    OF_THE_BANK,
    SEVEN,
    addresses,
    share_of_bytes,
    strobes,
    words,
)
from spikelock.testbenches.bus.wishbone_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values


def transfers(params: Params) -> Stimulus:
    """Writes and reads of all registers, and beyond them."""
    numbers = range(len(params.registers))

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        port = CORE.inputs(params)["request"]
        return {
            "request": port.records(
                random.integers(0, 2, size),
                addresses(params, numbers, random, size),
                words(params, random, size),
                strobes(params, random, size),
            )
        }

    return stimulus


WIDE = Params(SEVEN, read_only=("register3", "signed"), data_width=64, address_width=6)
CASES = [Case("default", Params(), transfers(Params())), Case("wide", WIDE, transfers(WIDE))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transfer."""
    request = inputs["request"]
    share = share_of_bytes(params, request["select"])
    return {"write": request["write"], "share": share, "error": outputs["response"]["error"]}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    share = Point(
        "bytes",
        {
            "none": lambda t: t["share"] == 0,
            "some": lambda t: t["share"] == 1,
            "all": lambda t: t["share"] == 2,
        },
    )
    return CoverGroup(
        "bus.wishbone", [cross(values("write", "write", 0, 1), share, values("error", "error", 0, 1))]
    )


SLOW = "a transfer takes more than one cycle"
IMPOSSIBLE: Impossible = {
    "request": {("back to back", "at once"): SLOW, ("after a gap", "at once"): SLOW},
    "response": {("back to back", "at once"): SLOW, ("back to back", "stalled"): SLOW},
}
BENCH = Bench(CORE, CASES, coverage, observe, impossible=IMPOSSIBLE, bugs=BUGS, code_waivers=OF_THE_BANK)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
