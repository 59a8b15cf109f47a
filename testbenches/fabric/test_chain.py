"""Bench of `fabric.chain`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fabric import tile
from spikelock.models.fabric.chain import CORE, Params, join
from spikelock.models.fabric.tile import Kind
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.fabric.chain_bugs import BUGS
from spikelock.testbenches.fabric.events import (
    IMPOSSIBLE,
    event_coverage,
    observe_events,
    random_connections,
    random_contents,
    random_events,
)
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point
from spikelock.testbenches.neurons.settings import lif_settings


def case(name: str, *tiles: tile.Params) -> Case:
    """A chain of tiles with random connections, and random events for it."""

    def joined(memories: Iterable[Mapping[str, Records]]) -> Configuration:
        parts = zip(tiles, memories, strict=True)
        return join([tile.CORE.configuration(sizes, {}, contents) for sizes, contents in parts])

    def contents(random: np.random.Generator) -> Mapping[str, Records]:
        return joined(random_contents(sizes, random) for sizes in tiles).memories

    whole = joined(random_connections(sizes, seed, 0.7, -40, 70) for seed, sizes in enumerate(tiles))
    stimulus = random_events(CORE.inputs(Params(tiles))["input"], tiles[0].axons)
    return Case(name, Params(tiles), stimulus, whole.registers, whole.memories, contents)


def sizes(axons: int, neurons: int, *, recurrent: bool = False, **neuron: Any) -> tile.Params:
    """A tile with room for every connection."""
    rows = axons + (neurons if recurrent else 0)
    return tile.Params(lif.Params(**neuron), neurons, axons, rows * neurons, recurrent=recurrent)


CASES = [
    case("two", sizes(4, 3, threshold=90), sizes(7, 5, threshold=120, refractory_period=1)),
    case(
        "three",
        sizes(3, 2, threshold=40, recurrent=True),
        sizes(5, 4, threshold=60, constants=True),
        sizes(9, 1, threshold=70),
    ),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an input event; bit i of `fired` is set where tile i sent spikes for it."""
    columns = observe_events(params.tiles[0].axons, inputs, outputs)
    sent = outputs["output"]
    own = (sent["kind"] == Kind.SPIKE) & (sent["address"] >= params.tiles[0].axons)
    starts = [sizes.axons for sizes in params.tiles]
    number = np.searchsorted(starts, sent["address"][own], side="right") - 1
    fired = np.zeros(len(columns["kind"]), np.int64)
    np.bitwise_or.at(fired, np.cumsum(~own)[own], 1 << number)
    return {**columns, "fired": fired}


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    group = event_coverage("fabric.chain")
    tiles = Point(
        "a tick lets fire",
        {
            "the first tile alone": lambda t: t["fired"] == 1,
            "the second tile alone": lambda t: t["fired"] == 2,
            "two tiles": lambda t: (t["fired"] == 3) | (t["fired"] == 5) | (t["fired"] == 6),
            "three tiles": lambda t: t["fired"] == 7,
        },
    )
    return CoverGroup(group.name, [*group.points, tiles])


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
