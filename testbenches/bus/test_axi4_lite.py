"""Bench of `bus.axi4_lite`: what is tried on it, and what that must reach.

Reads and writes are not ordered among each other. So a stimulus writes to some registers and reads the
others: what the written ones hold is seen on `written`. A host that reads what it wrote is in
`test_hosts.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikelock.models.bus.axi4_lite import CORE, Params
from spikelock.models.bus.register_space import Answer
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.bus.accesses import (
    OF_THE_BANK,
    SEVEN,
    addresses,
    share_of_bytes,
    strobes,
    words,
)
from spikelock.testbenches.bus.axi4_lite_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values


def accesses(params: Params, written: Sequence[int]) -> Stimulus:
    """Writes to the registers of these numbers, reads of all others."""
    others = [number for number in range(len(params.registers)) if number not in written]
    refused = [number for number in others if not params.can_write[number]]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        size = -(-size // 3)
        ports = CORE.inputs(params)
        return {
            "aw": ports["aw"].records(addresses(params, [*written, *refused], random, size)),
            "w": ports["w"].records(words(params, random, size), strobes(params, random, size)),
            "ar": ports["ar"].records(addresses(params, others, random, size)),
        }

    return stimulus


DEFAULT = Params()
WIDE = Params(SEVEN, read_only=("register3", "signed"), data_width=64, address_width=6)

CASES = [
    Case("default", DEFAULT, accesses(DEFAULT, (0, 2))),
    Case("others", DEFAULT, accesses(DEFAULT, (1, 3))),
    Case("wide", WIDE, accesses(WIDE, (0, 2, 5))),
    Case("wide-others", WIDE, accesses(WIDE, (1, 4))),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an access: `share` is the part of the bytes that a write changes, −1 for a read."""
    share = share_of_bytes(params, inputs["w"]["strobe"])
    reads = len(inputs["ar"])
    return {
        "share": np.concatenate([share, np.full(reads, -1)]),
        "response": np.concatenate([outputs["b"]["response"], outputs["r"]["response"]]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    response = values("response", "response", *Answer)
    share = Point(
        "bytes",
        {
            "none written": lambda t: t["share"] == 0,
            "some written": lambda t: t["share"] == 1,
            "all written": lambda t: t["share"] == 2,
            "read": lambda t: t["share"] == -1,
        },
    )
    never: Mapping[tuple[str, ...], str] = {
        ("read", str(int(Answer.READ_ONLY))): "every register can be read"
    }
    return CoverGroup("bus.axi4_lite", [cross(share, response, impossible=never)])


TWO_CYCLES = "an answer takes more than one cycle"
APART: Mapping[tuple[str, ...], str] = {
    ("back to back", "at once"): TWO_CYCLES,
    ("back to back", "stalled"): TWO_CYCLES,
}
BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    impossible=dict.fromkeys(("b", "r", "written"), APART),
    bugs=BUGS,
    code_waivers=OF_THE_BANK,
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
