"""Bench of `aer.handshake`: a sender and a receiver, joined by wires with delays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.event import Format
from spikelock.models.aer.handshake import CORE, DELAY_BITS, Params, Role, delays
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.handshake_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

LONGEST = (1 << DELAY_BITS) - 1


def random_delays(size: int, longest: int, random: np.random.Generator) -> Records:
    """Delays of which the shortest and the longest are frequent; the data come no later than the request."""
    request, acknowledge = (
        np.where(
            random.random(size) < 0.4,
            random.choice([0, longest], size),
            random.integers(0, longest + 1, size),
        )
        for _ in range(2)
    )
    data = np.where(random.random(size) < 0.5, request, random.integers(0, request + 1))
    return delays().records(request, acknowledge, data)


def case(name: str, params: Params, longest: int) -> Case:
    """Random events, on wires with delays up to the longest."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        handshakes = 2 * size // 3  # fewer than events: the last delays remain
        return {
            "input": random_channel(params.event, size, random),
            "delays": random_delays(handshakes, longest, random),
        }

    return Case(name, params, stimulus)


NARROW = Params(Role.JOINED, Format(4))
CASES = [
    case("slow-wires", NARROW, LONGEST),
    case("short-wires", NARROW, 1),
    case("three-stages", Params(Role.JOINED, Format(9, payload_width=5, tick_width=2), stages=3), 5),
]

IMPOSSIBLE: Impossible = {
    "output": {
        ("back to back", passing): "a handshake has four phases" for passing in ("at once", "stalled")
    },
    "delays": {
        (offer, "at once"): "the first handshake must have ended" for offer in ("back to back", "after a gap")
    },
}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What the wires did, and what came over them."""
    wires = inputs["delays"]
    return {
        **{name: wires[name] for name in ("request", "acknowledge")},
        "slack": wires["request"].astype(np.int64) - wires["data"],
        "kind": np.resize(outputs["output"]["kind"], len(wires)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = (Kind.SPIKE, Kind.TICK, Kind.RESTART)
    ends = (0, LONGEST)
    return CoverGroup(
        "aer.handshake",
        [
            values("kind", "kind", *kinds),
            cross(values("request", "request", *ends), values("acknowledge", "acknowledge", *ends)),
            Point(
                "data",
                {
                    "with the request": lambda t: (t["slack"] == 0) & (t["request"] > 0),
                    "before it": lambda t: t["slack"] > 0,
                },
            ),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, impossible=IMPOSSIBLE, silence=200, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
