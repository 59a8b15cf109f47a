"""How the figures of any check become tables: one rule for all checks, decided by the shape of the data.

a number, a text, yes or no, a short list   a column of its check's table
a list of mappings                          a table, one row a mapping
a list of anything else                     a table of one column
a mapping                                   a table of names and values; of mappings, one row each
anything under the key `raw`                nothing: it is for programs
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .summary import KINDS, SIGNS

SHOWN = 60
"""Rows of a table that are on the page from the start; the others are one click away."""

SHORT = 24
"""A text of so many characters is not broken over lines."""

Cell = tuple[str, str]
"""What stands in a cell, and its style: number, short, a status, or nothing special."""


@dataclass(frozen=True)
class Table:
    """Rows under headings. The most important ones stand first: a long table is not shown to its end."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def shown(self) -> list[list[Cell]]:
        """The rows that are shown at once."""
        return self._cells(self.rows[:SHOWN])

    @property
    def more(self) -> list[list[Cell]]:
        """The others."""
        return self._cells(self.rows[SHOWN:])

    @cached_property
    def kinds(self) -> list[str]:
        """Of each column: "number" where all that it holds are numbers."""
        columns = [[row[index] for row in self.rows] for index in range(len(self.columns))]
        return ["number" if column and all(map(_is_number, column)) else "" for column in columns]

    def _cells(self, rows: Sequence[Sequence[Any]]) -> list[list[Cell]]:
        return [[cell(value, kind) for value, kind in zip(row, self.kinds, strict=True)] for row in rows]


def cell(value: Any, kind: str = "") -> Cell:
    """A value for people. kind: of its column."""
    text = text_of(value)
    if text in KINDS:
        return f"{SIGNS[text]} {text}", KINDS[text]
    return text, kind or ("short" if len(text) <= SHORT else "")


def text_of(value: Any) -> str:
    """A value in words: numbers with separators, lists with commas."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        case str():
            return value
        case list() | tuple() if all(map(_is_scalar, value)):
            return ", ".join(map(text_of, value)) or "–"
        case Mapping() if all(map(_is_scalar, value.values())):
            return ", ".join(f"{heading(name)} {text_of(one)}" for name, one in value.items()) or "–"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def heading(name: str) -> str:
    """A key of the data as a heading."""
    return name.replace("_", " ")


@dataclass(frozen=True)
class Divided:
    """What of some data stands in a row, what needs a table, and what is a text of several lines."""

    figures: Mapping[str, Any]
    tables: Sequence[Table]
    texts: Mapping[str, str]


def divided(data: Mapping[str, Any]) -> Divided:
    """The data by its shape. Empty lists say nothing."""
    figures: dict[str, Any] = {}
    tables: list[Table] = []
    texts: dict[str, str] = {}
    for name, value in data.items():
        if name == "raw":
            continue
        if isinstance(value, str) and "\n" in value:
            texts[heading(name)] = value
        elif _is_scalar(value) or _is_short(value):
            figures[name] = value
        elif value:
            tables.append(_table(heading(name), value))
    return Divided(figures, tables, texts)


def of_mappings(title: str, mappings: Iterable[Mapping[str, Any]]) -> Table:
    """One row a mapping; a column for every key that any of them has."""
    rows = list(mappings)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return Table(
        title, [heading(name) for name in columns], [[row.get(key) for key in columns] for row in rows]
    )


def _table(title: str, value: Any) -> Table:
    if isinstance(value, Mapping):
        if all(isinstance(one, Mapping) for one in value.values()):
            return of_mappings(title, ({"name": name, **one} for name, one in value.items()))
        return Table(title, ["name", "value"], [[name, one] for name, one in value.items()])
    if all(isinstance(one, Mapping) for one in value):
        return of_mappings(title, value)
    return Table(title, [title], [[one] for one in value])


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _is_short(value: Any) -> bool:
    """An interval, a part and a whole, a few counts."""
    if isinstance(value, Mapping):
        return len(value) <= 4 and all(map(_is_number, value.values()))
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
