"""Routing tables: `key, mask, outputs`, first match wins (rule 4.1 of `docs/mesh.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .machine import LINKS, OPPOSITE, Port


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


def without_straight_ways(table: Table, sources: Sequence[Port]) -> list[Entry]:
    """The table without the entries that the default route replaces.

    sources: for each entry, the port that its events come from. An entry may go only where it matches no key
    of an entry behind it.
    """
    kept: list[Entry] = []
    for number in reversed(range(len(table))):
        entry, source = table[number], sources[number]
        straight = source in LINKS and entry.outputs == {OPPOSITE[source]}
        if not (straight and not any(entry.meets(other) for other in kept)):
            kept.append(entry)
    return kept[::-1]
