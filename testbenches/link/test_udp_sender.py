"""Bench of `link.udp_sender`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.ethernet import Station
from spikelock.models.link.udp_sender import CORE, Params
from spikelock.models.ports import Records, RegisterMap
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point
from spikelock.testbenches.link.udp_sender_bugs import BUGS

CARRY = 0xFFFF_FFFF
"""An address with which the sum carries."""


def payloads(params: Params) -> Stimulus:
    """Parts of all lengths with a 0 at their ends, or not: none at all, too long, twice."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        parts: list[np.ndarray[Any, Any]] = []
        while sum(map(len, parts)) < size:
            usual = [0, 0, 1, 2, int(random.integers(3, 40))]
            length = int(random.choice([*usual, *(params.longest - n for n in range(3))]))
            parts += [random.integers(1, 256, length), np.zeros(1, np.int64)]
        return {"input": CORE.inputs(params)["input"].records(np.concatenate(parts))}

    return stimulus


def settings(registers: RegisterMap, random: np.random.Generator) -> Mapping[str, int]:
    """Any peer. Where there is none nothing leaves, which is proved."""
    chosen = {name: int(random.integers(0, register.q.maximum + 1)) for name, register in registers.items()}
    return chosen | {"known": 1}


def case(name: str, params: Params, station: int, address: int, port: int) -> Case:
    """A sender that knows a peer."""
    peer = {"peer_station": station, "peer_address": address, "peer_port": port, "known": 1}
    return Case(name, params, payloads(params), peer)


CASES = [
    case("small", Params(longest=48), 0x02_00_5E_10_20_30, 0xC0A8_0101, 50_000),
    case("large", Params(Station(0xFE0102030405, 0xDFFFFFFE, 0xFFFF), 256), 0xFFFF_FFFF_FFFF, CARRY, 1),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a datagram: the length of its payload, relative to the longest one; its last byte."""
    sent = outputs["output"]
    ends = np.flatnonzero(sent["last"])
    lengths = np.diff(ends, prepend=-1) - 42
    return {"length": lengths, "room": params.longest - lengths, "end": sent["data"][ends]}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "link.udp_sender",
        [
            Point(
                "payload",
                {
                    "shortest": lambda t: t["length"] == 2,
                    "odd": lambda t: t["length"] % 2 == 1,
                    "one byte less than longest": lambda t: t["room"] == 1,
                    "longest": lambda t: (t["room"] == 0) & (t["end"] == 0),
                    "cut": lambda t: (t["room"] == 0) & (t["end"] != 0),
                },
            )
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, settings=settings, between_resets=150, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH, "rtl")
