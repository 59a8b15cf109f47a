"""Whether two levels agree: the one comparison, for cores and for networks.

None    both streams hold the same records, and at least one
else    the first record that differs, or that only one side has
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.ports import Records


@dataclass(frozen=True)
class Divergence:
    """Where two streams part.

    index: of the first record that differs. expected, actual: that record by field, None past the end of a
    stream. fields: names of the fields that differ; empty where a record is missing or extra.
    """

    index: int
    expected: Mapping[str, int] | None
    actual: Mapping[str, int] | None
    fields: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values."""
        return asdict(self)

    def __str__(self) -> str:
        if self.expected is None:
            return f"transaction {self.index}: nothing more was expected, {_text(self.actual)} came"
        if self.actual is None:
            return f"transaction {self.index}: {_text(self.expected)} was expected, nothing more came"
        return f"transaction {self.index}: {_text(self.expected)} was expected, {_text(self.actual)} came"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a comparison of several streams.

    compared: records that were held against each other. divergences: the first of each port that has one.
    """

    compared: int
    divergences: Mapping[str, Divergence]

    @property
    def agrees(self) -> bool:
        """No divergence, and something was compared."""
        return self.compared > 0 and not self.divergences

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values."""
        divergences = {port: divergence.to_dict() for port, divergence in self.divergences.items()}
        return {"agrees": self.agrees, "compared": self.compared, "divergences": divergences}

    def __str__(self) -> str:
        if self.compared == 0 and not self.divergences:
            return "nothing was compared: both sides are empty"
        lines = [f"{port}: {divergence}" for port, divergence in self.divergences.items()]
        return "\n".join(lines) or f"all {self.compared} transactions agree"


def first_divergence(expected: Records, actual: Records) -> Divergence | None:
    """The first record at which two streams differ, or None where all records, at least one, are equal.

    Raises BadInput where the record types differ, and where both streams are empty: a comparison of nothing
    is no pass.
    """
    if expected.dtype != actual.dtype or expected.dtype.names is None:
        raise BadInput(
            f"records of {expected.dtype} cannot be compared with {actual.dtype}: give the same port's"
        )
    if len(expected) == len(actual) == 0:
        raise BadInput("nothing to compare: both streams are empty; run more transactions")
    common = min(len(expected), len(actual))
    index = common
    for name in expected.dtype.names:  # one pass a field, each only up to the best so far
        differs = expected[name][:index] != actual[name][:index]
        if differs.any():
            index = int(np.argmax(differs))
    if index == len(expected) == len(actual):
        return None
    ours, theirs = _record(expected, index), _record(actual, index)
    fields = (
        () if ours is None or theirs is None else tuple(name for name in ours if ours[name] != theirs[name])
    )
    return Divergence(index, ours, theirs, fields)


def compare(expected: Mapping[str, Records], actual: Mapping[str, Records]) -> Verdict:
    """`first_divergence` for every port of a core. A port may be empty on both sides, but not all ports.

    Raises BadInput where the ports differ in name or type.
    """
    if expected.keys() != actual.keys():
        raise BadInput(f"ports {', '.join(expected)} cannot be compared with ports {', '.join(actual)}")
    divergences = {}
    for port in expected:
        if len(expected[port]) or len(actual[port]):
            divergence = first_divergence(expected[port], actual[port])
            if divergence:
                divergences[port] = divergence
    compared = sum(min(len(expected[port]), len(actual[port])) for port in expected)
    return Verdict(compared, divergences)


def _record(records: Records, index: int) -> dict[str, int] | None:
    if index >= len(records) or records.dtype.names is None:
        return None
    return {name: int(records[name][index]) for name in records.dtype.names}


def _text(record: Mapping[str, int] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (record or {}).items())
