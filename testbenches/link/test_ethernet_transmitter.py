"""Bench of `link.ethernet_transmitter`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.ethernet_transmitter import CORE, Params
from spikelock.models.mutant import Mutant
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.link.ethernet_frames import packets
from spikelock.testbenches.problem import Detector


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Packets of all lengths, around 60 bytes more often."""
    lengths = [1, 58, 59, 60, 61, *random.integers(1, 100, max(1, size // 50))]
    many = [random.bytes(int(length)) for length in random.permutation(lengths)]
    return {"input": packets(CORE.inputs(Params())["input"], many)}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a packet: its length."""
    return {"length": np.diff(np.flatnonzero(inputs["input"]["last"]), prepend=-1)}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "link.ethernet_transmitter",
        [
            Point(
                "length",
                {
                    "1": lambda t: t["length"] == 1,
                    "one byte of padding": lambda t: t["length"] == 59,
                    "no padding": lambda t: t["length"] == 60,
                    "longer": lambda t: t["length"] > 60,
                },
            )
        ],
    )


def _bug(name: str, old: str, new: str) -> KnownBug:
    return KnownBug(name, Mutant(name, CORE.name, old, new), "default", Catch(Detector.SCOREBOARD, "rtl"))


BUGS = [
    _bug(
        "padding is not checked", "[self.output.valid.eq(1), crc.valid.eq(leaves)]", "self.output.valid.eq(1)"
    ),
    _bug("a byte too few", "count >= padded - 1", "count >= padded - 2"),
    _bug("the check goes on", "m.d.comb += crc.start.eq(1)", "pass"),
    _bug("high byte first", "word_select(at, 8)", "word_select(~at, 8)"),
    _bug("bytes are checked in a stall", "crc.valid.eq(leaves),\n", "crc.valid.eq(self.output.valid),\n"),
]
BENCH = Bench(CORE, [Case("default", Params(), stimulus)], coverage, observe, between_resets=100, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
