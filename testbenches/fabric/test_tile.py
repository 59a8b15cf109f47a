"""Bench of `fabric.tile`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import CORE, Kind, Params, required_current_width, rows_and_synapses
from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.fabric.events import (
    IMPOSSIBLE,
    event_coverage,
    observe_events,
    random_connections,
    random_contents,
    random_events,
)
from spikelock.testbenches.fabric.tile_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.neurons.settings import lif_settings

Contents = Callable[[np.random.Generator], Mapping[str, Records]]


def case(
    name: str,
    params: Params,
    memories: Mapping[str, Records],
    *,
    once: bool = False,
    contents: Contents | None = None,
    **registers: int,
) -> Case:
    """A case with random events. contents: other memories, where not any will do."""
    return Case(
        name,
        params,
        random_events(CORE.inputs(params)["input"], params.axons, once=once),
        registers,
        memories,
        contents or partial(random_contents, params),
    )


def saturating() -> tuple[Params, dict[str, Records]]:
    """Accumulators of just the width that is required; neuron 0 meets their upper end, neuron 1 their lower
    one.
    """
    params = Params(lif.Params(current_width=6, threshold=20, gain=200), 2, 4, 8, weight_width=4)
    sources, targets = np.divmod(np.arange(8), 2)
    memories = rows_and_synapses(params, sources, targets, np.where(targets == 0, 7, -8))
    memories["bias"] = CORE.memories(params)["bias"].layout.records([3, 0])
    assert required_current_width(params, CORE.configuration(params, {}, memories)) == 6
    return params, memories


def also_tight(random: np.random.Generator) -> dict[str, Records]:
    """Any memories for those parameters, with sums that are in their range."""
    memories = random_connections(TIGHT, int(random.integers(1 << 31)), float(random.random()), -8, 7)
    bias = CORE.memories(TIGHT)["bias"].layout.records(random.integers(0, 4, TIGHT.neurons))
    return memories | {"bias": bias}


FEED_FORWARD = Params(lif.Params(threshold=100, refractory_period=1), neurons=5, axons=6, synapses=30)
RECURRENT = Params(
    lif.Params(width=12, threshold=60, reset_mode=lif.ResetMode.SUBTRACT, overflow=Overflow.WRAP),
    neurons=4,
    axons=3,
    synapses=28,
    weight_width=7,
    recurrent=True,
)
SINGLE = Params(lif.Params(threshold=30), neurons=1, axons=1, synapses=1)
STOCHASTIC = Params(lif.Params(rounding=Rounding.STOCHASTIC, threshold=50), neurons=3, axons=5, synapses=15)
CONSTANTS = replace(
    RECURRENT,
    neuron=replace(RECURRENT.neuron, constants=True, rest=-9, leak=-40, gain=90, refractory_period=2),
)
TIGHT, TIGHT_MEMORIES = saturating()

CASES = [
    case("feed-forward", FEED_FORWARD, random_connections(FEED_FORWARD, 1, 0.6, -60, 90)),
    case(
        "recurrent", RECURRENT, random_connections(RECURRENT, 2, 0.7, -30, 40), refractory_period=2, rest=-9
    ),
    case(
        "feed-forward-full-range", FEED_FORWARD, random_connections(FEED_FORWARD, 4, 0.8, -128, 127), gain=90
    ),
    case("recurrent-full-range", RECURRENT, random_connections(RECURRENT, 5, 0.9, -64, 63), reset=40),
    case("single-negative", SINGLE, random_connections(SINGLE, 7, 1, -128, 127), gain=-300, threshold=9),
    case("stochastic-full-range", STOCHASTIC, random_connections(STOCHASTIC, 6, 0.8, -128, 127), gain=99),
    case("single", SINGLE, rows_and_synapses(SINGLE, *(np.array([value]) for value in (0, 0, 20)))),
    case("stochastic", STOCHASTIC, random_connections(STOCHASTIC, 3, 0.5, -30, 40)),
    case("tight", TIGHT, TIGHT_MEMORIES, once=True, contents=also_tight),
    case("constants", CONSTANTS, random_connections(CONSTANTS, 2, 0.7, -30, 40)),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an input event: besides what `observe_events` sees, the row of its source and the sums at a
    tick.
    """
    columns = observe_events(params.axons, inputs, outputs)
    rows = configuration.memories["rows"]["length"]
    address = np.minimum(inputs["input"]["address"], params.axons - 1)
    is_tick = inputs["input"]["kind"] == Kind.TICK
    q = CORE.memories(params)["bias"].layout.fields["bias"]
    currents = _currents(params, configuration, inputs["input"])
    own_rows = rows[params.axons :] if params.recurrent else np.zeros(1)
    return {
        **columns,
        "row": np.where(columns["known"], rows[address], -1),
        "whole row": np.full(len(address), params.neurons),
        "all fire": (columns["spikes"] == params.neurons).astype(np.int64),
        "recurrent": np.full(len(address), int(params.recurrent and own_rows.any())),
        "highest": (is_tick & (currents.max(axis=1) == q.maximum)).astype(np.int64),
        "lowest": (is_tick & (currents.min(axis=1) == q.minimum)).astype(np.int64),
    }


def _currents(params: Params, configuration: Configuration, events: Records) -> np.ndarray:
    """Accumulator plus bias of each neuron after each event, feed-forward rows only: (events, neurons)."""
    memories = configuration.memories
    weights = np.zeros((params.axons, params.neurons), np.int64)
    for source, (start, length) in enumerate(memories["rows"][: params.axons].tolist()):
        row = memories["synapses"][start : start + length]
        weights[source, row["target"]] = row["weight"]
    accumulators = np.zeros(params.neurons, np.int64)
    currents = np.zeros((len(events), params.neurons), np.int64)
    for index, (kind, address) in enumerate(events.tolist()):
        if kind == Kind.SPIKE and address < params.axons:
            accumulators += weights[address]
        currents[index] = accumulators + memories["bias"]["bias"]
        if kind in (Kind.TICK, Kind.RESTART):
            accumulators[:] = 0
    return currents


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    group = event_coverage("fabric.tile")
    lengths = Point(
        "row",
        {
            "empty": lambda t: t["row"] == 0,
            "one synapse": lambda t: t["row"] == 1,
            "several": lambda t: t["row"] > 1,
            "every neuron": lambda t: t["row"] == t["whole row"],
        },
    )
    fired = Point("fired", {"none": lambda t: t["spikes"] == 0, "some": lambda t: t["spikes"] > 0})
    return CoverGroup(
        group.name,
        [
            *group.points,
            lengths,
            cross(values("recurrent", "recurrent", 0, 1), fired),
            values("all neurons fire", "all fire", 1),
            values("a sum at the upper end", "highest", 1),
            values("a sum at the lower end", "lowest", 1),
        ],
    )


BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    impossible=IMPOSSIBLE,
    silence=400,
    settings=lif_settings,
    bugs=BUGS,
    alarms={"output": {"kind": Kind.FAULT}},
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
