"""Bench of `link.uart`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.uart import CORE, Event, Params
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.link.uart_bugs import BUGS

AWKWARD = [0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80, 0xFE, 0x7F]
"""Bytes: all bits alike, all different, one alone at either end."""


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Characters, of which some are damaged, and stretches that are held."""
    data = random.integers(0, 256, size)
    awkward = random.random(size) < 0.3
    data[awkward] = random.choice(AWKWARD, int(awkward.sum()))
    damaged = random.random(size) < 0.25
    held = np.convolve(random.random(size) < 0.3, [1, 1])[:size] > 0
    damaged[-1] = held[-1] = False
    return {"input": CORE.inputs(Params())["input"].records(data, damaged, held)}


CASES = [
    Case("four-clocks", Params(), stimulus),
    Case("transmitter-3-percent-slow", Params(16_000_000, 3_000_000, 2_906_250), stimulus),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a character: what befalls it and the ones before."""
    sent = inputs["input"]
    count = len(sent)
    return {
        **{name: sent[name] for name in ("data", "damaged", "held")},
        "damaged before": np.concatenate([[0], sent["damaged"][:-1]]),
        "held before": np.concatenate([[0], sent["held"][:-1]]),
        "event": np.resize(outputs["output"]["kind"], count),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    damaged, held = values("damaged", "damaged", 0, 1), values("held", "held", 0, 1)
    damaged_before = values("damaged before", "damaged before", 0, 1)
    held_before = values("held before", "held before", 0, 1)
    kinds = {kind.name.lower(): int(kind) for kind in Event}
    return CoverGroup(
        "link.uart",
        [
            cross(damaged_before, held_before, damaged, held),
            Point("event", {name: lambda t, v=v: t["event"] == v for name, v in kinds.items()}),
            values("data", "data", *AWKWARD),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, silence=400, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
