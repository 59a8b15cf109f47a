"""The model of a mesh against the routers themselves: where it agrees, and what it would not pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from spikelock.models.errors import SpikelockError
from spikelock.models.network.mapping.machine import Machine, Node, Port
from spikelock.models.network.mapping.tables import Entry, Journey
from spikelock.models.network.mapping.trees import multicast_tree
from spikelock.models.network.mapping.turns import allowed_turns
from spikelock.models.network.noc import patterns
from spikelock.models.network.noc.curves import (
    Curve,
    curve,
    difference,
    injections,
    saturates_at,
    saturation,
)
from spikelock.models.network.noc.patterns import Pattern
from spikelock.models.network.noc.queues import Injected, Timing, simulate
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.noc.measuring import RouterMesh

pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

MACHINE = Machine(2, 2, entries=7, key_width=8)


def broadcast() -> Pattern:
    """As a network sends: from the host to all tiles, and from each tile to some and to the host."""
    turns = allowed_turns(MACHINE)
    flows = []
    for key in range(MACHINE.nodes + 1):
        node, door = (key, Port.LOCAL) if key < MACHINE.nodes else (MACHINE.host, Port.HOST)
        there = [(n, Port.LOCAL) for n in range(MACHINE.nodes) if door == Port.HOST or (n + key) % 3 == 1]
        if door != Port.HOST:
            there.append((MACHINE.host, Port.HOST))
        flows.append(Journey(node, door, key, 0xFF, multicast_tree(MACHINE, turns, node, there, door)))
    return Pattern("network", MACHINE, turns, tuple(flows), np.array([0.05] * MACHINE.nodes + [0.7]))


PATTERNS = [
    patterns.uniform(MACHINE),
    patterns.neighbour(MACHINE),
    patterns.hotspot(MACHINE, hot=3),
    broadcast(),
]


@pytest.fixture(scope="module")
def mesh() -> RouterMesh:
    with skipped_without_tools():
        return RouterMesh(MACHINE)


@pytest.fixture(scope="module")
def measured(mesh: RouterMesh) -> dict[str, Curve]:
    return {pattern.name: mesh.curve(pattern, rates(pattern), CYCLES) for pattern in PATTERNS}


CYCLES = 3000


def rates(pattern: Pattern) -> list[float]:
    """Of the load at which some door, channel or table is never idle."""
    return [part * saturation(pattern) for part in (0.1, 0.3, 0.5, 0.8, 0.95, 1.1)]


def agree(pattern: Pattern, measured: Curve, timing: Timing | None = None) -> bool:
    """Whether the model has latencies within 1 % up to half of saturation, and saturates within 5 %."""
    model = curve(pattern, rates(pattern), timing, CYCLES)
    same_place = saturates_at(measured) == pytest.approx(saturates_at(model), rel=0.05)
    return same_place and difference(model, measured, 0.51 * saturation(pattern)) < 0.01


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_latency_and_saturation_are_those_of_the_model(pattern: Pattern, measured: dict[str, Curve]) -> None:
    assert agree(pattern, measured[pattern.name])
    low, high = measured[pattern.name].points[0], measured[pattern.name].points[-1]
    assert low.accepted == pytest.approx(low.offered, rel=0.2)
    assert high.accepted < 0.97 * high.offered


@pytest.mark.parametrize(
    "timing",
    [Timing(hop=4), Timing(interval=4), Timing(lookup=2), Timing(lookup=0), Timing(exit=4)],
    ids=["hop", "interval", "slow table", "own tables", "exit"],
)
def test_control_a_model_of_other_routers_does_not_agree(timing: Timing, measured: dict[str, Curve]) -> None:
    assert not all(agree(pattern, measured[pattern.name], timing) for pattern in PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_where_nothing_waits_every_event_comes_when_the_model_says(
    mesh: RouterMesh, pattern: Pattern
) -> None:
    flows = np.arange(3 * len(pattern.flows)) % len(pattern.flows)
    injected = Injected(40 * np.arange(len(flows)), flows)
    found, wanted = mesh.run(pattern, injected), simulate(pattern, injected)
    pairs = [sorted(zip(d.events.tolist(), d.cycles.tolist(), strict=True)) for d in (found, wanted)]
    assert pairs[0] == pairs[1]


def test_the_queue_of_a_source_holds_what_the_mesh_does_not_take(mesh: RouterMesh) -> None:
    """Ten events that are there at once leave their door one in two cycles, as the model says."""
    pattern = patterns.uniform(MACHINE)
    injected = Injected(np.zeros(10, np.int64), np.zeros(10, np.int64))
    assert np.diff(np.sort(mesh.run(pattern, injected).cycles)).tolist() == [Timing().interval] * 9


@dataclass(frozen=True, eq=False)
class Astray(Pattern):
    """Traffic of a pattern under tables for other flows."""

    other: tuple[Journey, ...]

    def tables(self) -> Mapping[Node, Sequence[Entry]]:
        return replace(UNIFORM, flows=self.other).tables()


UNIFORM = PATTERNS[0]
FIRST, SECOND, *OTHERS = UNIFORM.flows


@pytest.mark.parametrize(
    ("flows", "problem"),
    [
        ((replace(FIRST, tree=SECOND.tree), SECOND, *OTHERS), "other events came than those"),
        ((SECOND, *OTHERS), "unroutable"),
    ],
    ids=["elsewhere", "nowhere"],
)
def test_control_events_that_arrive_elsewhere_or_nowhere_are_found(
    mesh: RouterMesh, flows: tuple[Journey, ...], problem: str
) -> None:
    astray = Astray("astray", MACHINE, UNIFORM.turns, UNIFORM.flows, UNIFORM.shares, flows)
    with pytest.raises(SpikelockError, match=problem):
        mesh.run(astray, injections(UNIFORM, 0.05, 300))
