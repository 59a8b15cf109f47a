"""Bench of `fabric.node`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fabric import tile
from spikelock.models.fabric.node import CORE, Params
from spikelock.models.fabric.tile import Kind
from spikelock.models.neurons import lif
from spikelock.models.ports import Records, RegisterMap
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.fabric.events import random_connections, random_contents
from spikelock.testbenches.fabric.node_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.neurons.settings import lif_settings

MOST_SPIKES = 8
"""In a step: so that no accumulator overflows in the steps of a tick."""


def case(name: str, params: Params, step: int, steps: int) -> Case:
    """Random events of all kinds, keys without a row among them, and restarts."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        events = random_channel(params.event, size, random, ticks=0.3, others=0.05)
        port = params.event.port()
        mark = port.from_tuples([(Kind.TICK, *[0] * (len(port.fields) - 1))])
        parts = [events[first : first + MOST_SPIKES] for first in range(0, size, MOST_SPIKES)]
        return {"input": np.concatenate([part for one in parts for part in (one, mark)])}

    highest = 1 << params.tile.weight_width - 1
    return Case(
        name,
        params,
        stimulus,
        {"step": step, "steps": steps, "base": 1 << params.key_width - 1},
        random_connections(params.tile, 1, 0.7, -highest // 3, highest // 2),
        partial(random_contents, params.tile),
    )


NEURON = lif.Params(
    width=10,
    fraction=4,
    current_width=13,
    coefficient_width=8,
    leak_fraction=4,
    gain_fraction=4,
    refractory_width=2,
    threshold=8,
    leak=2,
    gain=16,
    refractory_period=1,
)
SEVERAL = Params(
    tile.Params(NEURON, neurons=5, axons=10, synapses=50, weight_width=4),
    key_width=5,
    payload_width=2,
    step_width=2,
    number=2,
    alone=True,
)
CONSTANTS = Params(
    tile.Params(lif.Params(threshold=60, constants=True), neurons=3, axons=6, synapses=18),
    key_width=3,
    step_width=2,
    alone=True,
)

CASES = [
    case("three-steps", SEVERAL, 1, 3),
    case("last-step", SEVERAL, 1, 2),
    case("one-step", CONSTANTS, 0, 1),
]


def settings(registers: RegisterMap, random: np.random.Generator) -> Mapping[str, int]:
    """Any, with a step that there is in a tick, as otherwise sums would grow for ever."""
    steps = int(random.integers(1, registers["steps"].q.maximum + 1))
    return {**lif_settings(registers, random), "steps": steps, "step": int(random.integers(steps))}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an input event: its kind, whether there is a row for it; of marks, the spikes that follow."""
    events, sent = inputs["input"], outputs["output"]
    is_mark = events["kind"] == Kind.TICK
    spikes = np.zeros(len(events), np.int64)
    ends = np.flatnonzero(sent["kind"] == Kind.TICK)
    spikes[is_mark] = np.diff(ends) - 1
    restarts = np.cumsum(events["kind"] == Kind.RESTART)
    restart = np.zeros(len(events), np.int64)
    restart[is_mark] = np.diff(restarts[is_mark], prepend=0) > 0
    return {
        "kind": events["kind"],
        "known": (events["kind"] == Kind.SPIKE) & (events["address"] < params.tile.axons),
        "spikes": np.where(is_mark, spikes, -1),
        "restart": np.where(is_mark, restart, -1),
        "steps": np.full(len(events), configuration.registers["steps"]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = Point("kind", {kind.name: lambda t, k=kind: t["kind"] == k for kind in Kind})
    spikes = Point(
        "spikes of a step",
        {
            "none": lambda t: t["spikes"] == 0,
            "one": lambda t: t["spikes"] == 1,
            "several": lambda t: t["spikes"] > 1,
        },
    )
    return CoverGroup(
        "fabric.node",
        [
            kinds,
            Point("a key without a row", {"": lambda t: (t["kind"] == Kind.SPIKE) & ~t["known"]}),
            cross(values("steps", "steps", 2, 3), spikes),
            values("a mark after a restart", "restart", 0, 1),
        ],
    )


BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    silence=400,
    settings=settings,
    bugs=BUGS,
    only_long=["netlist-ice40"],
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
