"""Routing tables: `key, mask, outputs`, first match wins (rule 4.1 of `docs/mesh.md`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .machine import LINKS, OPPOSITE, Machine, Node, Port
from .trees import Tree


@dataclass(frozen=True)
class Entry:
    """Matches every k with `k & mask == key`; sends it to `outputs`. key has no bit outside mask."""

    key: int
    mask: int
    outputs: frozenset[Port]

    def __post_init__(self) -> None:
        if self.key & ~self.mask:
            raise ValueError(f"key {self.key:#x} has bits outside the mask {self.mask:#x}")

    def matches(self, key: int) -> bool:
        """Whether this entry decides about a key, where none before it does."""
        return key & self.mask == self.key

    def meets(self, other: Entry) -> bool:
        """Whether some key matches both."""
        common = self.mask & other.mask
        return self.key & common == other.key & common

    def generality(self, width: int) -> int:
        """Bits that may be anything: it matches 2^generality keys."""
        return width - self.mask.bit_count()


Table = Sequence[Entry]


def outputs_of(table: Table, key: int, source: Port) -> frozenset[Port] | None:
    """Where a router sends a key that comes from a port; None where it is unroutable.

    Without an entry, what came over a link goes straight on.
    """
    for entry in table:
        if entry.matches(key):
            return entry.outputs
    return frozenset({OPPOSITE[source]}) if source in LINKS else None


def without_straight_ways(table: Table, sources: Sequence[Port]) -> tuple[list[Entry], list[Entry]]:
    """The table without the entries that the default route replaces, and these.

    sources: for each entry, the port that its events come from. An entry may go only where it matches no key
    of an entry behind it.
    """
    kept: list[Entry] = []
    straight: list[Entry] = []
    for entry, source in zip(reversed(table), reversed(sources), strict=True):
        replaced = source in LINKS and entry.outputs == frozenset({OPPOSITE[source]})
        if replaced and not any(entry.meets(other) for other in kept):
            straight.append(entry)
        else:
            kept.append(entry)
    return kept[::-1], straight[::-1]


@dataclass(frozen=True)
class Journey:
    """Where the events of a block of keys enter, by which port, and the tree that carries them."""

    node: Node
    door: Port
    key: int
    mask: int
    tree: Tree

    def sources(self, machine: Machine) -> dict[Node, Port]:
        """By router that is passed: the port that events come from."""
        entered = {
            machine.links[node, port]: OPPOSITE[port]
            for node, ports in self.tree.items()
            for port in ports
            if port in LINKS
        }
        return {node: self.door if node == self.node else entered[node] for node in self.tree}


def tables_of(
    machine: Machine, journeys: Sequence[Journey]
) -> tuple[dict[Node, list[Entry]], dict[Node, list[Entry]]]:
    """By node, the entries of all journeys that pass it, and those that the default route replaces."""
    entries: Mapping[Node, list[Entry]] = {node: [] for node in range(machine.nodes)}
    sources: Mapping[Node, list[Port]] = {node: [] for node in range(machine.nodes)}
    for journey in journeys:
        for node, source in journey.sources(machine).items():
            entries[node].append(Entry(journey.key, journey.mask, journey.tree[node]))
            sources[node].append(source)
    split = {node: without_straight_ways(entries[node], sources[node]) for node in entries}
    return {node: kept for node, (kept, _) in split.items()}, {
        node: rest for node, (_, rest) in split.items()
    }
