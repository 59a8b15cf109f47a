"""Packages and ways over them: shapes, disjoint ways, congestion, no circles, cuts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.package import routing
from spikelock.models.package.routing import (
    Demand,
    Routes,
    circle_of,
    disjoint_ways,
    route,
    single_points,
    without,
)
from spikelock.models.package.topology import Kind, Package

pytest.importorskip("networkx", reason="packages need networkx: pip install 'spikelock[mapping]'")

PACKAGES = {
    "mesh": Package(Kind.MESH, 3, 3, host=4),
    "torus": Package(Kind.TORUS, 4, 3),
    "ring": Package(Kind.RING, 6, host=2),
    "star": Package(Kind.STAR, 5, host=3),
}


def everything(package: Package, seed: int = 1) -> list[Demand]:
    """From every die to some others."""
    random = np.random.default_rng(seed)
    dies = range(package.dies)
    return [
        Demand(a, frozenset(np.flatnonzero(random.random(package.dies) < 0.5).tolist()) - {a}, int(events))
        for a, events in zip(dies, random.integers(1, 100, package.dies), strict=True)
    ]


def arrivals(demand: Demand, tree: frozenset[tuple[int, int]]) -> Counter[int]:
    """How often an event comes to each die; each copy goes on every link of the tree that leaves its die."""
    found: Counter[int] = Counter()
    waiting = [demand.source]
    while waiting:
        die = waiting.pop()
        for a, b in tree:
            if a == die:
                found[b] += 1
                waiting.append(b)
    return found


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("congestion", [True, False])
def test_every_event_comes_to_each_destination_once(name: str, congestion: bool) -> None:
    package, demands = PACKAGES[name], everything(PACKAGES[name])
    routes = route(package, demands, congestion)
    loads: Counter[tuple[int, int]] = Counter()
    for demand, tree in zip(demands, routes.trees, strict=True):
        found = arrivals(demand, tree)
        assert set(found.values()) <= {1}
        assert demand.source not in found
        assert demand.destinations <= set(found)
        loads.update(dict.fromkeys(tree, demand.events))
    assert {link: events for link, events in routes.loads.items() if events} == loads
    assert circle_of(package, routes) == []


def test_control_a_circle_is_found() -> None:
    ring = Package(Kind.RING, 3)
    around = tuple(frozenset({(a, (a + 1) % 3), ((a + 1) % 3, (a + 2) % 3)}) for a in range(3))
    assert circle_of(ring, Routes(around, {}))


def test_congestion_is_avoided() -> None:
    """Two big demands between opposite corners of a square share no bridge, as shortest ways would."""
    square = Package(Kind.MESH, 2, 2)
    demands = [Demand(0, frozenset({3}), 100), Demand(0, frozenset({3}), 90)]
    assert route(square, demands, congestion=False).highest == 190
    assert route(square, demands).highest == 100


@pytest.mark.parametrize("name", PACKAGES)
def test_heeding_congestion_is_never_worse(name: str) -> None:
    for seed in range(5):
        demands = everything(PACKAGES[name], seed)
        aware, short = route(PACKAGES[name], demands), route(PACKAGES[name], demands, congestion=False)
        assert aware.highest <= short.highest


def test_bridges_by_hand() -> None:
    assert len(PACKAGES["mesh"].bridges) == 12
    assert len(PACKAGES["torus"].bridges) == 24
    assert len(PACKAGES["ring"].bridges) == 6
    assert PACKAGES["star"].bridges == ((0, 1), (0, 2), (0, 3), (0, 4))
    assert Package(Kind.TORUS, 2, 2).bridges == Package(Kind.MESH, 2, 2).bridges
    for package in PACKAGES.values():
        assert len(set(package.places)) == package.dies
        assert len({frozenset(one) for one in package.bridges}) == len(package.bridges)


def test_disjoint_ways_share_no_bridge() -> None:
    for name, count in (("mesh", 2), ("torus", 4), ("ring", 2), ("star", 1)):
        package = PACKAGES[name]
        ways = disjoint_ways(package, 1, package.dies - 1)
        assert len(ways) == count
        used = [frozenset(step) for way in ways for step in pairwise(way)]
        assert len(used) == len(set(used))
    assert disjoint_ways(PACKAGES["ring"], 1, 1) == []


@pytest.mark.parametrize("name", PACKAGES)
def test_a_cut_is_routed_around_or_named(name: str) -> None:
    package, demands = PACKAGES[name], everything(PACKAGES[name])
    weak = single_points(package)
    assert bool(weak) == (name == "star")
    for bridge in package.bridges:
        if bridge in weak:
            with pytest.raises(BadInput, match=f"cut off the dies {bridge[1]}: no disjoint way"):
                route(replace(without(package, bridge), host=0), demands)
        else:
            routes = route(without(package, bridge), demands)
            assert all(frozenset(link) != frozenset(bridge) for link in routes.loads)


def test_control_without_levels_a_ring_has_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    """If everything went up for ever, ways would go around."""
    ring = Package(Kind.RING, 6)
    demands = [Demand(a, frozenset({(a + 2) % 6}), 10) for a in range(6)]
    assert circle_of(ring, route(ring, demands)) == []

    def clockwise(
        package: Package, level: object, demand: Demand, loads: object
    ) -> frozenset[tuple[int, int]]:
        return frozenset(
            {(demand.source, (demand.source + 1) % 6), ((demand.source + 1) % 6, (demand.source + 2) % 6)}
        )

    monkeypatch.setattr(routing, "_tree", clockwise)
    assert circle_of(ring, route(ring, demands))


def test_packages_that_are_none_are_refused() -> None:
    cases: list[tuple[str, Callable[[], Package]]] = [
        ("all must be 1 or more", lambda: Package(Kind.MESH, 0, 2)),
        ("as in 4", lambda: Package(Kind.RING, 2, 2)),
        ("3 or more make one", lambda: Package(Kind.RING, 2)),
        ("dies 0 … 3", lambda: Package(Kind.MESH, 2, 2, host=4)),
        ("above 0 Hz", lambda: Package(Kind.MESH, 2, 2, clocks={1: 0.0})),
        ("no such bridge", lambda: Package(Kind.MESH, 2, 2, dead=frozenset({(0, 3)}))),
    ]
    for says, make in cases:
        with pytest.raises(BadInput, match=says):
            make()
