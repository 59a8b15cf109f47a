"""Bench of `link.rmii`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.rmii import CORE, Drop, Fault, Params
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.link.rmii_bugs import BUGS
from spikelock.testbenches.waivers import Waiver

AWKWARD = [0x00, 0xFF, 0x55, 0xD5, 0x5D, 0xAA]
"""Bytes: all bits alike, and those of a preamble."""

LONG_AND_LONGER = Params(longest=16, transmitter_longest=24)


def frames(params: Params, random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Packets around the longest of both ends: all befalls them, and stretches of them are held."""
    longest, sent = params.longest, params.sent_longest
    at_edges = [1, 2, 3, longest - 1, longest, longest + 1, sent - 1, sent, sent + 1]
    count = max(64, size // longest)
    lengths = np.where(
        random.random(count) < 0.5, random.choice(at_edges, count), random.integers(1, longest, count)
    )
    crowd = slice(count // 2, count // 2 + 5 * longest)  # short ones that wait, more than find room
    lengths = np.insert(lengths, crowd.start, np.ones(crowd.stop - crowd.start, np.int64))
    count = len(lengths)
    packet = np.repeat(np.arange(count), lengths)
    bytes_ = len(packet)
    last = np.append(packet[1:] != packet[:-1], True)
    data = random.integers(0, 256, bytes_)
    awkward = random.random(bytes_) < 0.3
    data[awkward] = random.choice(AWKWARD, int(awkward.sum()))
    fault = np.where(random.random(bytes_) < 0.5, Fault.TOGGLING, Fault.NONE)
    fault[(random.random(count) < 0.6)[packet]] = Fault.NONE
    spoilt = (random.random(count) < 0.4)[packet] & (random.random(bytes_) < 3 / longest)
    fault[spoilt] = random.choice(np.array([Fault.ERROR, Fault.CUT]), int(spoilt.sum()))
    first = np.flatnonzero(np.append(True, last[:-1]))
    befalls = first[random.random(count) < 0.4]
    fault[befalls] = random.choice(np.array(Fault), len(befalls))
    ends = np.flatnonzero(last)[random.random(count) < 0.1]
    fault[ends] = random.choice(np.array([Fault.ERROR, Fault.CUT]), len(ends))
    crowded = (packet >= crowd.start) & (packet < crowd.stop)
    fault[crowded] = np.where(packet[crowded] % 5, Fault.NONE, Fault.ERROR)
    waits = np.convolve(random.random(count) < 0.2, [1, 1, 1, 1])[:count] > 0
    waits[crowd] = True
    held = waits[packet]
    held[packet == count - 1] = False
    return {"input": CORE.inputs(params)["input"].records(data, last, fault, held)}


CASES = [
    Case("sixteen", LONG_AND_LONGER, lambda random, size: frames(LONG_AND_LONGER, random, size)),
    Case("five", Params(longest=5), lambda random, size: frames(Params(longest=5), random, size)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a byte: what befalls it, and why a frame was dropped."""
    sent = inputs["input"]
    return {
        **{name: sent[name] for name in ("data", "last", "fault", "held")},
        "first": np.append(True, sent["last"][:-1] == 1)[: len(sent)],
        "reason": np.resize(outputs["dropped"]["reason"], len(sent)),
    }


LATER: Mapping[tuple[str, ...], str] = {
    ("0", str(int(fault))): "faults of a preamble befall a first byte alone"
    for fault in (Fault.SPOILT, Fault.LOST, Fault.LATE, Fault.AGAIN)
}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    first, last = values("first", "first", 0, 1), values("last", "last", 0, 1)
    held, fault = values("held", "held", 0, 1), values("fault", "fault", *Fault)
    reasons = {reason.name.lower(): int(reason) for reason in Drop}
    return CoverGroup(
        "link.rmii",
        [
            cross(first, fault, impossible=LATER),
            cross(last, held, values("fault", "fault", Fault.NONE, Fault.ERROR, Fault.TOGGLING, Fault.CUT)),
            Point("reason", {name: lambda t, v=v: t["reason"] == v for name, v in reasons.items()}),
            values("data", "data", *AWKWARD),
        ],
    )


ONCE = "one a frame, which takes many cycles to come"
IMPOSSIBLE: Impossible = {"dropped": {("back to back", passing): ONCE for passing in ("at once", "stalled")}}
CODE_WAIVERS = [
    Waiver(
        "branch: rtl/link/rmii.py:251",
        "two reports wait only if nobody takes one for as long as a frame lasts; no stall of a bench does",
        "Spikelock",
        date(2026, 11, 21),
    )
]
BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    IMPOSSIBLE,
    silence=600,
    between_resets=100,
    bugs=BUGS,
    code_waivers=CODE_WAIVERS,
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
