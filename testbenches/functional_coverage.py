"""Functional coverage: which situations a stimulus has reached, in named bins and crosses of them.

A `Point` divides transactions into bins; a bin is a condition on columns (arrays with one element a
transaction), so the same group samples one transaction of a monitor or a million records of a batch. `cross`
combines points. A bin that cannot be reached is declared impossible, with the reason, and it is an error to
hit it: a waiver is checked.

    spike = Point("spike", {"no": lambda t: t["spike"] == 0, "yes": lambda t: t["spike"] == 1}) at_top =
    Point("at top", {"no": lambda t: t["membrane"] < 127, "yes": lambda t: t["membrane"] == 127}) group =
    CoverGroup("neuron", [spike, at_top, cross(spike, at_top, impossible={("yes", "yes"): "a spike resets"})])
    group.sample({"spike": spikes, "membrane": membranes}) assert not group.problems()
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput

Columns = Mapping[str, NDArray[Any]]
"""What is sampled: arrays of one length, one element a transaction."""

Condition = Callable[[Columns], NDArray[np.bool_]]
"""Which transactions fall into a bin, shape (transactions,)."""


@dataclass(frozen=True)
class Bin:
    """A situation to reach: the transactions for which `condition` holds, at least `at_least` of them.

    impossible: why no transaction can ever fall in; then the bin is no goal, and hitting it is an error.
    """

    name: str
    condition: Condition
    at_least: int = 1
    impossible: str | None = None


class Point:
    """A named division of the transactions into bins, given as objects or as name to condition."""

    def __init__(self, name: str, bins: Mapping[str, Condition] | Iterable[Bin]) -> None:
        self.name = name
        made = [Bin(n, c) for n, c in bins.items()] if isinstance(bins, Mapping) else list(bins)
        self.bins = {one.name: one for one in made}
        if not self.bins or len(self.bins) != len(made):
            raise BadInput(
                f"point {name!r} has bins {[b.name for b in made]}: one or more, each with its own name"
            )


def values(name: str, column: str, *expected: int) -> Point:
    """A point with one bin for each value a column should take."""
    return Point(name, {str(value): _equals(column, value) for value in expected})


def _equals(column: str, value: int) -> Condition:
    return lambda columns: columns[column] == value


def cross(*points: Point, impossible: Mapping[tuple[str, ...], str] | None = None) -> Point:
    """The point whose bins are all combinations of the points' bins, except those that are impossible.

    impossible: from the names of the combined bins to the reason why they cannot meet.
    """
    impossible = impossible or {}
    combinations = list(itertools.product(*(point.bins.values() for point in points)))
    unknown = impossible.keys() - {tuple(one.name for one in bins) for bins in combinations}
    if unknown:
        raise BadInput(f"no such combination: {sorted(unknown)}; the points are {[p.name for p in points]}")
    return Point(
        " × ".join(point.name for point in points),
        [_combined(bins, impossible.get(tuple(one.name for one in bins))) for bins in combinations],
    )


def _combined(bins: tuple[Bin, ...], impossible: str | None) -> Bin:
    inherited = next((one.impossible for one in bins if one.impossible), None)
    return Bin(
        " × ".join(one.name for one in bins),
        lambda columns: np.logical_and.reduce([one.condition(columns) for one in bins]),
        max(one.at_least for one in bins),
        impossible or inherited,
    )


@dataclass
class CoverGroup:
    """Points that are sampled together, and how often each of their bins was hit."""

    name: str
    points: list[Point]
    hits: dict[str, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.hits = {point.name: dict.fromkeys(point.bins, 0) for point in self.points}
        if len(self.hits) != len(self.points):
            raise BadInput(
                f"cover group {self.name}: two points share a name: {[p.name for p in self.points]}"
            )

    def sample(self, columns: Columns) -> None:
        """Counts the transactions in every bin."""
        for point in self.points:
            counts = self.hits[point.name]
            for one in point.bins.values():
                counts[one.name] += int(np.count_nonzero(one.condition(columns)))

    def merge(self, hits: Mapping[str, Mapping[str, int]]) -> None:
        """Adds the hits of another run of the same group. Raises BadInput where points or bins differ."""
        if {p: set(b) for p, b in hits.items()} != {p: set(b) for p, b in self.hits.items()}:
            raise BadInput(
                f"cover group {self.name}: hits with other points or bins cannot be merged into it"
            )
        for point, counts in hits.items():
            for name, count in counts.items():
                self.hits[point][name] += count

    def holes(self) -> list[str]:
        """Bins that were hit too rarely, as "point: bin"."""
        return [
            f"{point.name}: {one.name}"
            for point in self.points
            for one in point.bins.values()
            if one.impossible is None and self.hits[point.name][one.name] < one.at_least
        ]

    def problems(self) -> list[str]:
        """Why this coverage is not complete: its holes, and impossible bins that were hit."""
        return [f"not covered: {hole}" for hole in self.holes()] + self.broken_promises()

    def broken_promises(self) -> list[str]:
        """Impossible bins that were hit."""
        return [
            f"declared impossible ({one.impossible}) but hit: {point.name}: {one.name}"
            for point in self.points
            for one in point.bins.values()
            if one.impossible is not None and self.hits[point.name][one.name]
        ]

    @property
    def percent(self) -> float:
        """Part of the bins that are covered, of those that are possible."""
        goals = sum(one.impossible is None for point in self.points for one in point.bins.values())
        return 100.0 * (goals - len(self.holes())) / goals if goals else 100.0

    def report(self) -> str:
        """Every point and bin with its hits, for people."""
        lines = [f"{self.name}: {self.percent:.1f} % covered"]
        for point in self.points:
            lines.append(f"  {point.name}")
            for one in point.bins.values():
                count = self.hits[point.name][one.name]
                note = f"  impossible: {one.impossible}" if one.impossible else ""
                mark = "" if one.impossible or count >= one.at_least else "  HOLE"
                lines.append(f"    {count:>9}  {one.name}{note}{mark}")
        return "\n".join(lines)


def handshakes(stream: str, impossible: Mapping[tuple[str, ...], str] | None = None) -> CoverGroup:
    """Coverage of any stream: a transaction passed at once or was stalled, right after another or later.

    Samples the columns `waited` and `idle`: cycles for which a transaction was stalled, and cycles before it
    in which none was offered. impossible: combinations that a core cannot show.
    """
    offer = Point("offer", {"back to back": lambda t: t["idle"] == 0, "after a gap": lambda t: t["idle"] > 0})
    passing = Point("passing", {"at once": lambda t: t["waited"] == 0, "stalled": lambda t: t["waited"] > 0})
    return CoverGroup(stream, [cross(offer, passing, impossible=impossible)])
