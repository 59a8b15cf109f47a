"""Bench of `sc.tile`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Rounding
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.models.sc import dense
from spikelock.models.sc.tile import CORE, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.fabric.events import event_coverage, observe_events, random_events
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, values
from spikelock.testbenches.neurons.settings import lif_settings
from spikelock.testbenches.sc.tile_bugs import BUGS
from spikelock.testbenches.sc.weights import random_contents
from spikelock.testbenches.waivers import Waiver

AND = Params(
    dense.Params(
        3,
        3,
        width=5,
        length=9,
        lanes=2,
        gain=5,
        shift=2,
        neuron=lif.Params(
            width=7,
            fraction=4,
            current_width=6,
            coefficient_width=5,
            leak_fraction=4,
            gain_fraction=3,
            refractory_width=2,
            threshold=26,
            leak=1,
            gain=8,
            refractory_period=1,
        ),
    ),
    axons=6,
    first=2,
)
XNOR = Params(
    dense.Params(
        2,
        2,
        dense.Product.XNOR,
        width=4,
        length=6,
        lanes=2,
        parallel=2,
        neuron=lif.Params(
            width=6,
            fraction=3,
            current_width=6,
            coefficient_width=6,
            leak_fraction=5,
            gain_fraction=4,
            rounding=Rounding.STOCHASTIC,
            threshold=20,
            leak=2,
            gain=16,
            refractory_period=1,
            constants=True,
        ),
    ),
    axons=2,
)
ONE_LANE = Params(
    dense.Params(
        2,
        1,
        dense.Product.XNOR,
        width=3,
        length=7,
        neuron=lif.Params(
            width=6,
            fraction=3,
            current_width=5,
            coefficient_width=5,
            leak_fraction=4,
            gain_fraction=3,
            refractory_width=1,
            threshold=20,
            leak=1,
            gain=8,
        ),
    ),
    axons=2,
)


def case(name: str, params: Params, seed: int, **registers: int) -> Case:
    """A case of random weights, more of them positive, and random events."""
    random = np.random.default_rng(seed)
    layer, full = params.layer, params.full_scale
    weights = random.integers(-full // 4, full, (layer.neurons, layer.inputs), endpoint=True)
    memories = dense.contents(layer, weights, random.integers(0, 4, layer.neurons))
    stimulus = random_events(CORE.inputs(params)["input"], params.axons)
    return Case(name, params, stimulus, registers, memories, partial(random_contents, layer))


CASES = [case("and", AND, 4), case("xnor", XNOR, 4), case("one-lane", ONE_LANE, 7)]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an input event: besides what `observe_events` sees, who is heard, and how often by then."""
    columns = observe_events(params.axons, inputs, outputs)
    events = inputs["input"]
    is_spike = columns["known"] == 1
    heard = is_spike & (events["address"] >= params.first)
    heard &= events["address"] < params.first + params.layer.inputs
    mark = (events["kind"] == Kind.TICK) | (events["kind"] == Kind.RESTART)
    since = np.cumsum(mark)  # the part of the stream between two marks
    cell = since * params.axons + np.where(heard, events["address"], 0)
    first = np.zeros(len(events), np.int64)
    first[np.unique(np.where(heard, cell, -1), return_index=True)[1]] = 1
    restarted = np.concatenate([[0], events["kind"][:-1] == Kind.RESTART]).astype(np.int64)
    return {
        **columns,
        "heard": np.where(is_spike, heard, -1),
        "again": np.where(heard, 1 - first, -1),
        "all fire": (columns["spikes"] == params.neurons).astype(np.int64),
        "tick after restart": restarted * (events["kind"] == Kind.TICK),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    group = event_coverage("sc.tile")
    return CoverGroup(
        group.name,
        [
            *group.points,
            values("a spike that is heard", "heard", 0, 1),
            values("a source spikes again", "again", 0, 1),
            values("all neurons fire", "all fire", 1),
            values("a tick right after a restart", "tick after restart", 1),
        ],
    )


CODE_WAIVERS = [
    Waiver(
        "branch: if (\\input__ready$ ) begin",
        "the layer is ready whenever the tile has an input for it, as is proved of `sc.dense`; "
        "the tile does not count on it",
        "Spikelock",
        date(2026, 11, 21),
    )
]

BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    silence=400,
    settings=lif_settings,
    bugs=BUGS,
    code_waivers=CODE_WAIVERS,
    alarms={"output": {"kind": Kind.FAULT}},
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
