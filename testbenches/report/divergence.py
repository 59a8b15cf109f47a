"""A divergence field by field, from the sentence that `models.compare.Divergence` makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

SENTENCE = re.compile(
    r"transaction (?P<index>\d+): (?P<expected>.+) was expected, (?P<actual>.+) came", re.DOTALL
)


@dataclass(frozen=True)
class Field:
    """A field of the transaction: what was expected, and what came."""

    name: str
    expected: str
    actual: str

    @property
    def differs(self) -> bool:
        """It is why the transactions differ."""
        return self.expected != self.actual


def fields_of(problem: str) -> list[Field]:
    """The fields of both transactions; none where the sentence is of another kind, or one is missing."""
    sentence = SENTENCE.search(problem)
    if sentence is None:
        return []
    expected, actual = _values(sentence["expected"]), _values(sentence["actual"])
    if expected.keys() != actual.keys():
        return []
    return [Field(name, value, actual[name]) for name, value in expected.items()]


def _values(text: str) -> dict[str, str]:
    """Of a text such as `spike 1, membrane -5`."""
    parts = (part.rpartition(" ") for part in text.split(", "))
    return {name: value for name, _, value in parts}
