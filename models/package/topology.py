"""Packages: dies joined by bridges as a mesh, a ring, a star or a torus."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.network.mapping.machine import Machine, Place

Die = int
"""Number of a die: row by row in a mesh or torus, around in a ring; 0 is the middle of a star."""

Link = tuple[Die, Die]
"""From a die to another: one direction of a bridge."""


class Kind(Enum):
    """How dies are joined."""

    MESH = "mesh"
    TORUS = "torus"
    RING = "ring"
    STAR = "star"


@dataclass(frozen=True)
class Package:
    """Dies, each with `tiles` across and up. dead: bridges that must not be used, in both directions.

    across, up: dies of a mesh or torus; a ring or star has `across` dies, and up is 1. clocks: of each die,
    in Hz; `clock` for those that are not named. host: the die with the host's port.

    Raises BadInput for sizes that make no package.
    """

    kind: Kind
    across: int
    up: int = 1
    tiles: tuple[int, int] = (1, 1)
    host: Die = 0
    clock: float = 100e6
    clocks: Mapping[Die, float] = field(default_factory=dict)
    dead: frozenset[Link] = frozenset()

    def __post_init__(self) -> None:
        if min(self.across, self.up, *self.tiles) < 1:
            raise BadInput(
                f"a {self.kind.value} of {self.across}x{self.up} dies of {self.tiles[0]}x{self.tiles[1]} "
                "tiles: all must be 1 or more"
            )
        if self.kind in (Kind.RING, Kind.STAR) and self.up != 1:
            raise BadInput(
                f"a {self.kind.value} of {self.across}x{self.up} dies: it has one number of dies, as in "
                f"{self.across * self.up}"
            )
        if self.kind is Kind.RING and self.across < 3:
            raise BadInput(f"a ring of {self.across} dies: 3 or more make one")
        named = {self.host, *self.clocks}
        if wrong := [die for die in named if not 0 <= die < self.dies]:
            raise BadInput(f"die {wrong[0]}: the package has dies 0 … {self.dies - 1}")
        for clock in (self.clock, *self.clocks.values()):
            if not 0 < clock < math.inf:
                raise BadInput(f"a clock of {clock:g} Hz: it must be above 0 Hz")
        joined = {frozenset(one) for one in self._bridges()}
        for a, b in self.dead:
            if frozenset((a, b)) not in joined:
                raise BadInput(f"dead bridge {a}-{b}: there is no such bridge in this {self.kind.value}")

    @property
    def dies(self) -> int:
        """How many there are."""
        return self.across * self.up

    @property
    def slots(self) -> int:
        """Tiles in all."""
        return self.dies * self.tiles[0] * self.tiles[1]

    def clock_of(self, die: Die) -> float:
        """In Hz."""
        return self.clocks.get(die, self.clock)

    def _bridges(self) -> list[Link]:
        match self.kind:
            case Kind.STAR:
                return [(0, die) for die in range(1, self.dies)]
            case Kind.RING:
                return [*pairwise(range(self.dies)), (self.dies - 1, 0)]
            case _:
                return self._grid()

    def _grid(self) -> list[Link]:
        found: list[Link] = []
        torus = self.kind is Kind.TORUS
        for y, x in product(range(self.up), range(self.across)):
            for dx, dy in ((1, 0), (0, 1)):
                inside = x + dx < self.across and y + dy < self.up
                size = self.across if dx else self.up
                # A row of two is closed already: a second bridge beside the first would be another link.
                if inside or (torus and size > 2):
                    other = (y + dy) % self.up * self.across + (x + dx) % self.across
                    found.append((y * self.across + x, other))
        return found

    @cached_property
    def bridges(self) -> tuple[Link, ...]:
        """Those that live, each once."""
        gone = {frozenset(one) for one in self.dead}
        return tuple(one for one in self._bridges() if frozenset(one) not in gone)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Those that live, in both directions."""
        return tuple(link for a, b in self.bridges for link in ((a, b), (b, a)))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Column and row of each die on the interposer; dies side by side warm each other."""
        match self.kind:
            case Kind.RING:
                half = -(-self.dies // 2)
                return tuple((d, 0) if d < half else (self.dies - 1 - d, 1) for d in range(self.dies))
            case Kind.STAR:
                side = range(-self.dies, self.dies + 1)
                around = sorted(product(side, side), key=lambda at: (at[0] ** 2 + at[1] ** 2, at))
                chosen = around[: self.dies]
                left, low = min(x for x, _ in chosen), min(y for _, y in chosen)
                return tuple((x - left, y - low) for x, y in chosen)
            case _:
                return tuple((d % self.across, d // self.across) for d in range(self.dies))

    def graph(self) -> Any:
        """The dies as a networkx.Graph. Raises MissingTool where networkx is not installed."""
        try:
            import networkx
        except ImportError:
            raise MissingTool("networkx is not installed: pip install 'spikelock[mapping]'") from None
        graph: Any = networkx.Graph()
        graph.add_nodes_from(range(self.dies))
        graph.add_edges_from(self.bridges)
        return graph


ARMS = 4
"""Sides of a die, each with its bridges to one other."""


def machine_of(package: Package, **sizes: Any) -> Machine:
    """The machine that is this package: its die n is the planned die n, and no two others are joined.

    A ring is a closed row. A star is a grid of dies without those at its corners. The host is at the first
    node of its die. Between two dies there is a bridge for each row, or column, of tiles that is cut; a
    closed row of two dies has two. In a ring and a torus the columns of a die's tiles are closed as well.
    Dead bridges have no links. sizes: of tiles, tables and keys, as a `Machine` has them.
    Raises BadInput for a star of more dies than have room around one.
    """
    wide, high = package.tiles
    if package.kind is Kind.STAR and package.dies > ARMS + 1:
        raise BadInput(
            f"a star of {package.dies} dies: a die has {ARMS} sides, so at most {ARMS + 1} dies make one in "
            f"hardware: star:{ARMS + 1}, or ring:{package.dies}, would do"
        )
    star = package.kind is Kind.STAR
    across = max(x for x, _ in package.places) + 1 if star else package.across
    up = max(y for _, y in package.places) + 1 if star else package.up
    whole = Machine(
        across * wide,
        up * high,
        package.kind in (Kind.RING, Kind.TORUS),
        (across, up),
        present=package.places if star else (),
        **sizes,
    )
    dies = [whole.die_places.index(whole.die(node)) for node in range(whole.nodes)]
    gone = {frozenset(one) for one in package.dead}
    dead = frozenset(
        link for link, other in whole.links.items() if frozenset((dies[link[0]], dies[other])) in gone
    )
    return replace(whole, host=dies.index(package.host), dead=dead)


def joined_dies(machine: Machine) -> frozenset[frozenset[Die]]:
    """Pairs of dies of a machine with living links between them."""
    number = {place: die for die, place in enumerate(machine.die_places)}
    return frozenset(
        frozenset((number[machine.die(node)], number[machine.die(other)]))
        for (node, port), other in machine.links.items()
        if machine.is_bridge(node, port)
    )


def package_named(words: str) -> Package:
    """The package that words such as `ring:4`, `mesh:2x2` or `star:5:2x1` name: kind, dies, and their tiles.

    Raises BadInput for words that name none.
    """
    kinds = "|".join(kind.value for kind in Kind)
    found = re.fullmatch(rf"({kinds}):(\d{{1,2}})(?:x(\d{{1,2}}))?(?::(\d{{1,2}})x(\d{{1,2}}))?", words)
    if not found:
        raise BadInput(
            f"package {words!r}: a kind and dies are needed, as in ring:4, star:5, mesh:2x2 or torus:3x3; "
            "tiles of a die, if more than one, as in ring:4:2x1"
        )
    across, up, wide, high = (int(number or 1) for number in found.groups()[1:])
    return Package(Kind(found[1]), across, up, (wide, high))
