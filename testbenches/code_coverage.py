"""Code coverage of a core: line, branch and toggle coverage of all its designs, by line of the source.

A core is built into many designs, one for each value of its parameters, with parts that are there several
times, and not every one of them can reach every line. A point of the source counts as reached where any of
them reaches it, so the counts of designs, and of parts of one name, add up as those of runs do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .coverage_data import KINDS, Coverage

GATED = ("line", "branch")
"""Kinds of which every point must be reached, or be waived. Of toggles only the share is told."""


class CodePoint(NamedTuple):
    """One thing to be covered, in words that mean the same for every design of a core.

    part: name of the submodule, without the number that tells it from its likes. place: the line of the
    Amaranth source, or the text of the Verilog where that is not known; for a toggle the signal. what: the
    branch, or the bit and its edge. number: tells several such points apart.
    """

    kind: str
    part: str
    place: str
    what: str
    number: int


Counts = Mapping[CodePoint, int]
"""How often each point was reached."""


@dataclass(frozen=True)
class Hole:
    """Points of one place that were never reached. name: what a waiver calls it, "kind: place"."""

    name: str
    missing: int
    points: int

    def __str__(self) -> str:
        return f"{self.name}: {self.missing} of {self.points} never reached"


def counts_of(coverage: Coverage) -> dict[CodePoint, int]:
    """The points of one design that count."""
    counts: Counter[CodePoint] = Counter()
    seen: Counter[tuple[str, ...]] = Counter()
    for kind in KINDS:
        for point, count in sorted(coverage.relevant(kind).items()):
            if kind == "toggle":
                place, _, what = point.what.partition(":")
                place, what = re.sub(r"\[.*", "", place), point.what
            else:
                place, what = _place(coverage.source(point), coverage.text(point)), point.what
            same = (kind, point.instance, place, what)
            counts[CodePoint(kind, _part(point.instance), place, what, seen[same])] += count
            seen[same] += 1
    return dict(counts)


def _part(instance: str) -> str:
    return instance.rpartition(".")[2].rstrip("0123456789")


def _place(source: str, text: str) -> str:
    """The source line; where that is not known the Verilog, without the numbers of Yosys' own wires."""
    return source.rpartition("/spikelock/")[2] if source else re.sub(r"\\?\$\d+", "$", text)


def to_json(counts: Counts) -> list[list[Any]]:
    """As JSON values; `from_json` is the inverse."""
    return [[*point, count] for point, count in counts.items()]


def from_json(values: Sequence[Sequence[Any]]) -> dict[CodePoint, int]:
    """From JSON values."""
    return {CodePoint(*point): count for *point, count in values}


def summary(counts: Counts) -> dict[str, tuple[int, int]]:
    """For each kind, the points that were reached and how many there are."""
    reached = {kind: [count > 0 for point, count in counts.items() if point.kind == kind] for kind in KINDS}
    return {kind: (sum(some), len(some)) for kind, some in reached.items()}


def holes(counts: Counts, kinds: Sequence[str] = KINDS) -> list[Hole]:
    """Places with points that were never reached, the worst first."""
    points: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for point, count in counts.items():
        if point.kind in kinds:
            name = f"{point.kind}: {point.place}"
            points[name] += 1
            missing[name] += not count
    found = [Hole(name, missing[name], points[name]) for name in points if missing[name]]
    return sorted(found, key=lambda hole: (-hole.missing, hole.name))
