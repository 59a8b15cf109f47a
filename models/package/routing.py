"""Ways over the graph of dies: around congestion, around dead bridges, and never in a circle.

Every way goes up first and then down (up*/down*, Schroeder et al., "Autonet", 1991): up is nearer to the
host's die, and among equals to a lower number. So channels never wait for each other in a circle, whatever
ways are chosen. Among these, each demand takes the ways that add least to the sum of the squares of all
loads, so what is busy is avoided; demands are taken by size, then each again with all others in place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from spikelock.models.errors import BadInput, MissingTool

from .topology import Die, Link, Package

ROUNDS = 4
"""In which each demand looks for ways again."""


@dataclass(frozen=True)
class Demand:
    """Events that go from a die to some others, each event once to each of them."""

    source: Die
    destinations: frozenset[Die]
    events: int


@dataclass(frozen=True)
class Routes:
    """trees: by demand, the links that its events take. loads: events by link."""

    trees: tuple[frozenset[Link], ...]
    loads: Mapping[Link, int]

    @property
    def hottest(self) -> Link | None:
        """The link that carries most."""
        return max(self.loads, key=lambda link: (self.loads[link], link), default=None)

    @property
    def highest(self) -> int:
        """Events on it."""
        return max(self.loads.values(), default=0)


def route(package: Package, demands: Sequence[Demand], congestion: bool = True) -> Routes:
    """Trees for all demands. congestion: ways around what is busy; without it, shortest ways.

    Raises BadInput where no way leads to a destination.
    """
    level = _levels(package)
    order = sorted(range(len(demands)), key=lambda index: -demands[index].events)
    trees: dict[int, frozenset[Link]] = {}
    best: dict[int, frozenset[Link]] = {}
    for _ in range(ROUNDS if congestion else 1):
        for index in order:
            others = _loads(demands, {i: tree for i, tree in trees.items() if i != index})
            trees[index] = _tree(package, level, demands[index], others if congestion else {})
        if not best or _badness(demands, trees) < _badness(demands, best):
            best = dict(trees)
    loads = _loads(demands, best)
    return Routes(
        tuple(best[index] for index in range(len(demands))), {one: loads.get(one, 0) for one in package.links}
    )


def without(package: Package, link: Link) -> Package:
    """The package with one more dead bridge."""
    return replace(package, dead=package.dead | {link})


def disjoint_ways(package: Package, a: Die, b: Die) -> list[list[Die]]:
    """As many ways between two dies as share no bridge: one less than that may be cut, whichever they are."""
    networkx = _networkx()
    graph = package.graph()
    if a == b or not networkx.has_path(graph, a, b):
        return []
    return sorted(networkx.edge_disjoint_paths(graph, a, b), key=lambda way: (len(way), way))


def single_points(package: Package) -> list[Link]:
    """Bridges without which some die is cut off."""
    return sorted(_networkx().bridges(package.graph()))


def circle_of(package: Package, routes: Routes) -> list[Link]:
    """Links that wait for each other in a circle under some routes; none where there is no circle."""
    networkx = _networkx()
    waits: Any = networkx.DiGraph()
    for tree in routes.trees:
        waits.add_edges_from((one, other) for one in tree for other in tree if one[1] == other[0])
    try:
        return [edge[0] for edge in networkx.find_cycle(waits)]
    except networkx.NetworkXNoCycle:
        return []


def _networkx() -> Any:
    try:
        import networkx
    except ImportError:
        raise MissingTool("networkx is not installed: pip install 'spikelock[mapping]'") from None
    return networkx


def _levels(package: Package) -> dict[Die, tuple[int, Die]]:
    """By die: bridges to the host's die, and its number. Up is to a smaller pair."""
    hops = _networkx().single_source_shortest_path_length(package.graph(), package.host)
    if lost := sorted(set(range(package.dies)) - set(hops)):
        raise BadInput(
            f"the dead bridges cut off the dies {', '.join(map(str, lost))}: no disjoint way is left; one "
            "living bridge to each of them would do"
        )
    return {die: (int(hops[die]), die) for die in range(package.dies)}


def _tree(
    package: Package, level: Mapping[Die, tuple[int, Die]], demand: Demand, loads: Mapping[Link, int]
) -> frozenset[Link]:
    """Shortest ways that enter each die once: those that lie up from the source by going up, others down."""
    networkx = _networkx()
    above, waiting = {demand.source}, [demand.source]
    while waiting:
        die = waiting.pop()
        new = {b for a, b in package.links if a == die and level[b] < level[a]} - above
        above |= new
        waiting += sorted(new)
    graph: Any = networkx.DiGraph()
    for a, b in package.links:
        up = level[b] < level[a]
        if (up and a in above) or (not up and b not in above):
            graph.add_edge(a, b, cost=2 * loads.get((a, b), 0) + max(1, demand.events))
    ways = networkx.single_source_dijkstra_path(graph, demand.source, weight="cost") if graph else {}
    tree: set[Link] = set()
    for die in sorted(demand.destinations - {demand.source}):
        way = ways[die]
        tree |= set(pairwise(way))
    return frozenset(tree)


def _loads(demands: Sequence[Demand], trees: Mapping[int, frozenset[Link]]) -> dict[Link, int]:
    loads: dict[Link, int] = defaultdict(int)
    for index, tree in trees.items():
        for link in tree:
            loads[link] += demands[index].events
    return dict(loads)


def _badness(demands: Sequence[Demand], trees: Mapping[int, frozenset[Link]]) -> tuple[int, int]:
    loads = _loads(demands, trees).values()
    return max(loads, default=0), sum(loads)
