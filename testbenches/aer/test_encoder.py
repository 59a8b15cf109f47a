"""Bench of `aer.encoder`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.aer.encoder import CORE, Params
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.aer.encoder_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, values

DENSITIES = (0.0, 0.05, 0.3, 1.0)
"""How likely a neuron spikes: of vectors of several kinds."""


def case(name: str, params: Params) -> Case:
    """Vectors without spikes, with few, with many, and with all; about as many events as asked for."""
    port = CORE.inputs(params)["vector"]

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        steps = 8 + 3 * size // (params.neurons + 3)
        likely = random.choice(DENSITIES, (steps, 1))
        spikes = random.random((steps, 64 * port.words)) < likely
        spikes[:, params.neurons :] = False
        return {"vector": port.unpack(np.packbits(spikes, axis=1, bitorder="little").view("<u8"))}

    return Case(name, params, stimulus)


CASES = [
    case("few", Params(neurons=5, base=9, event=Format(4, tick_width=2))),
    case("many", Params(neurons=70, event=Format(7))),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """How many spikes each step has; which of them is the first and the last neuron's."""
    sent = outputs["output"]
    counts = np.diff(np.flatnonzero(sent["kind"] == Kind.TICK), prepend=-1) - 1
    neurons = sent["address"][sent["kind"] == Kind.SPIKE] - params.base
    last = params.neurons - 1
    return {"spikes": counts, "all": counts == params.neurons, "ends": (neurons == 0) + 2 * (neurons == last)}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    spikes = {"none": lambda t: t["spikes"] == 0, "one": lambda t: t["spikes"] == 1}
    return CoverGroup(
        "aer.encoder",
        [
            Point("spikes in a step", {**spikes, "several": lambda t: t["spikes"] > 1}),
            values("all neurons at once", "all", 0, 1),
            values("first and last neuron", "ends", 0, 1, 2),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS, silence=128)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
