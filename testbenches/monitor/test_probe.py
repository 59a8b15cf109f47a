"""Bench of `monitor.probe`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.monitor.probe import CORE, Params, Trigger
from spikelock.models.ports import Records, RegisterMap
from spikelock.testbenches.bench import Bench, Case, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross
from spikelock.testbenches.monitor.probe_bugs import BUGS
from spikelock.testbenches.settings import random_settings
from spikelock.testbenches.waivers import Waiver


def samples(params: Params) -> Stimulus:
    """Values that stay, that change in one bit, or in all; marks from outside now and then."""
    port = CORE.inputs(params)["input"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        anything = random.integers(0, 1 << params.width, size)
        single = 1 << random.integers(0, params.width, size)
        change = np.where(random.random(size) < 0.5, single, anything)
        change[random.random(size) < 0.3] = 0
        values = np.bitwise_xor.accumulate(change)
        return {"input": port.records(values, random.random(size) < 0.1)}

    return stimulus


def probe_settings(registers: RegisterMap, random: np.random.Generator) -> dict[str, int]:
    """Any settings of a probe that is armed, with one bit to look at, and a rate that occurs."""
    values = random_settings(registers, random) | {"arm": 1, "repeat": int(random.random() < 0.8)}
    mask = 1 << int(random.integers(registers["mask"].q.width))
    window = int(random.choice([0, registers["window"].q.maximum]))
    return values | {"mask": mask, "occurrences": int(random.integers(0, 3)), "window": window}


EIGHT, TWO = Params(8, 8, 4), Params(3, 2, 2)
ARMED = {"arm": 1, "repeat": 1}


def case(name: str, params: Params, trigger: Trigger, **registers: int) -> Case:
    """A case of a probe that is armed, and repeats."""
    return Case(name, params, samples(params), {**ARMED, "trigger": trigger, **registers})


CASES = [
    case("value", EIGHT, Trigger.VALUE, mask=0x0E, value=0x14, after=3),
    case("value-first", EIGHT, Trigger.VALUE, mask=0x80, value=0x80, after=7),
    case("edge", EIGHT, Trigger.EDGE, mask=0x11, after=2),
    case("rate", EIGHT, Trigger.RATE, mask=0x03, value=0x03, occurrences=3, window=7),
    case("rate-longest", EIGHT, Trigger.RATE, mask=0x03, value=0x02, occurrences=4, window=0, after=1),
    case("external", EIGHT, Trigger.EXTERNAL, after=5),
    case("once", EIGHT, Trigger.VALUE, mask=0x0E, value=0x04, after=4, repeat=0),
    case("shallow", TWO, Trigger.EDGE, mask=1, after=1),
    case("shallow-rate", TWO, Trigger.RATE, mask=1, value=1, occurrences=2, window=3),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a capture: its length, where the trigger is in it, and what it was."""
    out = outputs["output"]
    ends = np.flatnonzero(out["last"])
    place = np.flatnonzero(out["trigger"])
    starts = np.concatenate(([0], ends + 1))[: len(ends)]
    value = configuration.registers

    def everywhere(number: int) -> Any:
        return np.full(len(ends), number)

    return {
        "length": ends - starts + 1,
        "before": place - starts,
        "after": ends - place,
        "depth": everywhere(params.depth),
        "trigger": everywhere(value["trigger"]),
        "number": np.arange(len(ends)),
        "window": everywhere(value["window"]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    trigger = Point("trigger", {kind.name: lambda t, k=kind: t["trigger"] == k for kind in Trigger})
    ring = Point(
        "ring",
        {"not full": lambda t: t["length"] < t["depth"], "full": lambda t: t["length"] == t["depth"]},
    )
    place = Point(
        "place of the trigger",
        {
            "first": lambda t: (t["before"] == 0) & (t["after"] > 0),
            "between": lambda t: (t["before"] > 0) & (t["after"] > 0),
            "last": lambda t: (t["before"] > 0) & (t["after"] == 0),
        },
    )
    capture = Point("capture", {"first": lambda t: t["number"] == 0, "later": lambda t: t["number"] > 0})
    window = Point(
        "window",
        {
            "given": lambda t: (t["trigger"] == Trigger.RATE) & (t["window"] > 0),
            "longest": lambda t: (t["trigger"] == Trigger.RATE) & (t["window"] == 0),
        },
    )
    return CoverGroup("monitor.probe", [cross(trigger, ring), place, cross(trigger, capture), window])


SET_ONCE = "a bench sets registers once; that a probe is given up and armed anew is proved, for any values"
CODE_WAIVERS = [
    Waiver(what, SET_ONCE, "Spikelock", date(2026, 11, 21))
    for what in (
        "branch: if ($ ) begin",
        "branch: rtl/monitor/probe.py:65",
        "branch: rtl/monitor/probe.py:83",
    )
]

BENCH = Bench(CORE, CASES, coverage, observe, settings=probe_settings, bugs=BUGS, code_waivers=CODE_WAIVERS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
