"""Bench of `link.udp_receiver`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.ethernet import Drop, Station
from spikelock.models.link.udp_receiver import CORE, Params, judged
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, values
from spikelock.testbenches.link.ethernet_frames import frames, packets
from spikelock.testbenches.link.udp_receiver_bugs import BUGS

AVERAGE = 70
"""Bytes of a frame."""

NONE, ARP, ECHO, UDP = range(-1, 3)
"""What a frame is, for the coverage."""


def traffic(params: Params) -> Stimulus:
    """A frame of every wrong kind at least, and three of every right one; so in what is more than that."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        makers = frames(params.station, random, params.longest)
        good = [name for name in makers if name.startswith("good")]
        all_kinds = [*makers, *good, *good]
        more = max(0, size // AVERAGE - len(all_kinds))
        chosen = [*random.permutation(all_kinds), *random.choice(all_kinds, more)]
        many = [makers[name]() for name in chosen]
        return {"input": packets(CORE.inputs(params)["input"], many)}

    return stimulus


SMALL = Params(longest=96)
OTHER = Params(Station(0xFEFFFFFFFFFD, 0xDFFFFFFE, 0xFFFF), 160)
CASES = [Case("small", SMALL, traffic(SMALL)), Case("other", OTHER, traffic(OTHER))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a frame: its length, and what became of it."""
    stream = inputs["input"]
    frames = np.split(stream["data"].astype(np.uint8), np.flatnonzero(stream["last"]) + 1)[:-1]
    rows = [(len(frame), *_outcome(params, frame.tobytes())) for frame in frames]
    length, reason, kind, size = np.array(rows, np.int64).reshape(-1, 4).T
    return {"length": length, "reason": reason, "kind": kind, "size": size}


def _outcome(params: Params, frame: bytes) -> tuple[int, int, int]:
    """The reason to drop it; which kind it is; bytes that leave for it."""
    payload, replies, _, dropped = judged(params, frame)
    if dropped:
        return dropped[0][0], NONE, 0
    kind = UDP if payload else ECHO if frame[13] == 0 else ARP
    return NONE, kind, len(payload) + len(replies)


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    return CoverGroup(
        "link.udp_receiver",
        [
            Point("dropped", {drop.name: lambda t, d=drop: t["reason"] == d for drop in Drop}),
            Point(
                "length",
                {
                    "runt": lambda t: t["length"] < 64,
                    "shortest": lambda t: (t["length"] == 64) & (t["reason"] == NONE),
                    "longest": lambda t: np.isin(t["length"], (96, 160)) & (t["reason"] == NONE),
                    "giant": lambda t: t["length"] > 96,
                },
            ),
            values("answered", "kind", ARP, ECHO, UDP),
            Point(
                "payload",
                {
                    "empty": lambda t: (t["kind"] == UDP) & (t["size"] == 1),
                    "1 byte": lambda t: (t["kind"] == UDP) & (t["size"] == 2),
                    "odd": lambda t: (t["kind"] == UDP) & (t["size"] % 2 == 0),
                    "even": lambda t: (t["kind"] == UDP) & (t["size"] % 2 == 1),
                },
            ),
        ],
    )


ONCE = "one a frame, which takes many cycles to come"
IMPOSSIBLE: Impossible = {
    stream: {("back to back", "at once"): ONCE, ("back to back", "stalled"): ONCE}
    for stream in ("peer", "dropped")
}
BENCH = Bench(CORE, CASES, coverage, observe, IMPOSSIBLE, between_resets=10 * AVERAGE, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
