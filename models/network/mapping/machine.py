"""The machine that a network is mapped on: nodes in a mesh or torus, each a tile beside a router."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from spikelock.models.errors import BadInput

Node = int
"""Number of a node: row by row from the south-west, of those that are there."""

Place = tuple[int, int]
"""Column and row."""


class Port(IntEnum):
    """Ports of a router. A link's other end is the opposite port of the neighbour."""

    EAST = 0
    NORTH = 1
    WEST = 2
    SOUTH = 3
    LOCAL = 4
    HOST = 5


LINKS = (Port.EAST, Port.NORTH, Port.WEST, Port.SOUTH)

OPPOSITE = {Port.EAST: Port.WEST, Port.WEST: Port.EAST, Port.NORTH: Port.SOUTH, Port.SOUTH: Port.NORTH}

STEP = {Port.EAST: (1, 0), Port.NORTH: (0, 1), Port.WEST: (-1, 0), Port.SOUTH: (0, -1)}


MOST_NODES = 4096
"""Of a machine: the search for places and ways takes hours with more."""


@dataclass(frozen=True)
class Machine:
    """A mesh of nodes, perhaps on several dies.

    width, height: nodes across and up. torus: rows and columns are closed to rings. dies: the mesh is cut in
    so many, across and up; links between dies are bridges. host: the node whose router has the host's port.
    neurons, synapses: of a tile, at most. entries: of a router's table. key_width: bits. dead: links that
    must not be used, as (node, port); the other direction is dead too. present: where dies are that are
    there, by column and row, in order of their numbers; none named: all, row by row.

    Raises BadInput for sizes that make no machine.
    """

    width: int
    height: int
    torus: bool = False
    dies: tuple[int, int] = (1, 1)
    host: Node = 0
    neurons: int = 256
    synapses: int = 65_536
    entries: int = 64
    key_width: int = 16
    dead: frozenset[tuple[Node, Port]] = field(default_factory=frozenset)
    present: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        for name in ("width", "height", "neurons", "synapses", "entries", "key_width"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} = {getattr(self, name)}: a machine needs 1 or more")
        if self.width * self.height > MOST_NODES:
            raise BadInput(
                f"a mesh of {self.width}x{self.height}: at most {MOST_NODES} nodes can be mapped on"
            )
        across, up = self.dies
        if across < 1 or up < 1 or self.width % across or self.height % up:
            raise BadInput(
                f"dies {across}x{up}: they must divide the mesh of {self.width}x{self.height} evenly"
            )
        grid = {(x, y) for x in range(across) for y in range(up)}
        if not set(self.present) <= grid or len(set(self.present)) < len(self.present):
            raise BadInput(f"dies at {self.present}: different places in {across}x{up} dies are needed")
        if not 0 <= self.host < self.nodes:
            raise BadInput(f"host = {self.host}: the mesh has nodes 0 … {self.nodes - 1}")
        for node, port in self.dead:
            if port not in LINKS or self._beside(node, port) is None:
                raise BadInput(f"dead link {port.name.lower()} of node {node}: there is no such link")

    @cached_property
    def die_places(self) -> tuple[Place, ...]:
        """Column and row of each die, in order of their numbers."""
        across, up = self.dies
        return self.present or tuple((x, y) for y in range(up) for x in range(across))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Column and row of each node."""
        there = set(self.die_places)
        every = ((x, y) for y in range(self.height) for x in range(self.width))
        return tuple(place for place in every if self._die_at(place) in there)

    @cached_property
    def node_at(self) -> Mapping[Place, Node]:
        """The node in a column and row, where there is one."""
        return {place: node for node, place in enumerate(self.places)}

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.places)

    def place(self, node: Node) -> Place:
        """Column and row."""
        return self.places[node]

    def die(self, node: Node) -> Place:
        """Column and row of the die that holds a node."""
        return self._die_at(self.place(node))

    def _die_at(self, place: Place) -> Place:
        (x, y), (across, up) = place, self.dies
        return x * across // self.width, y * up // self.height

    def _beside(self, node: Node, port: Port) -> Node | None:
        (x, y), (dx, dy) = self.place(node), STEP[port]
        x, y = x + dx, y + dy
        if self.torus:
            x, y = x % self.width, y % self.height
        other = self.node_at.get((x, y))
        return None if other == node else other

    @cached_property
    def links(self) -> Mapping[tuple[Node, Port], Node]:
        """Every living link, in each direction: (node, port) → the node at its other end."""
        broken = set(self.dead)
        broken |= {(self._other_end(*link), OPPOSITE[link[1]]) for link in self.dead}
        found = {}
        for node in range(self.nodes):
            for port in LINKS:
                other = self._beside(node, port)
                if other is not None and (node, port) not in broken:
                    found[node, port] = other
        return found

    def _other_end(self, node: Node, port: Port) -> Node:
        other = self._beside(node, port)
        assert other is not None
        return other

    def is_bridge(self, node: Node, port: Port) -> bool:
        """Whether a link leaves the node's die."""
        return self.die(node) != self.die(self.links[node, port])

    def ports(self, node: Node) -> Iterator[Port]:
        """The ports of a node's router that lead somewhere."""
        yield from (port for port in LINKS if (node, port) in self.links)
        yield Port.LOCAL
        if node == self.host:
            yield Port.HOST
