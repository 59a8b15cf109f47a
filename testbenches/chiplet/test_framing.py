"""Bench of `chiplet.framing`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.framing import CORE, Drop, Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.framing_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values


def flits(params: Params) -> Stimulus:
    """Flits of which half are changed on the line: one wire of one beat, or any wires in a burst."""
    port = CORE.inputs(params)["input"]
    wires = params.lanes + params.check_lanes

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        burst = random.random(size) < 0.3
        one = np.array([1 << int(wire) for wire in random.integers(0, wires, size)])
        flips = np.where(burst, random.integers(0, 1 << wires, size), one)
        length = np.where(burst, random.integers(1, params.beats, size), 1)
        columns = {
            "body": random.integers(0, 1 << params.width, size),
            "flips": flips & (1 << params.lanes) - 1,
            "check_flips": flips >> params.lanes,
            "frame_flip": (random.random(size) < 0.2).astype(np.int64),
            "at": random.integers(0, params.beats, size),
            "length": length * (random.random(size) < 0.5),
        }
        return {"input": port.records(**{name: columns[name] for name in port.fields})}

    return stimulus


PLAIN = Params(12, 4, scrambled=False, protected=False)
WHOLE = Params(24, 8)
CASES = [Case("scrambled-and-protected", WHOLE, flits(WHOLE)), Case("plain", PLAIN, flits(PLAIN))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What befell a flit; why some were dropped."""
    sent = inputs["input"]
    return {
        "at": np.where(sent["length"] == 0, -1, sent["at"]),
        "frame_flip": sent["frame_flip"],
        "changed": sent["flips"] != 0,
        "reason": np.resize(outputs["dropped"]["reason"], len(sent)),
        "corrected": np.resize(outputs["output"]["corrected"], len(sent))
        if params.protected
        else np.zeros(len(sent)),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    reasons = {reason.name.lower(): int(reason) for reason in Drop}
    places = Point("changed beat", {str(at): lambda t, at=at: t["at"] == at for at in range(-1, 9)})
    return CoverGroup(
        "chiplet.framing",
        [
            cross(places, values("frame", "frame_flip", 0, 1)),
            values("data changed", "changed", 0, 1),
            values("put right", "corrected", 0, 1),
            Point("reason", {name: lambda t, v=v: t["reason"] == v for name, v in reasons.items()}),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, silence=100, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
