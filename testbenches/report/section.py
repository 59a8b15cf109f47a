"""A part of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .summary import KINDS, SIGNS

Results = Sequence[Mapping[str, Any]]
"""Results of a record."""


@dataclass(frozen=True)
class Section:
    """A part of the page: its place, heading, status ("" for none), most telling figure, and its template.

    content: what the template is given.
    """

    id: str
    title: str
    status: str = ""
    figure: str = ""
    template: str = "check.html"
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sign(self) -> str:
        """Its status as one sign."""
        return SIGNS.get(self.status, "·")

    @property
    def kind(self) -> str:
        """The style class of its status."""
        return KINDS.get(self.status, "")


def absent(id: str, title: str) -> Section:
    """A section of which nothing was run."""
    reason = {"reason": "It was no part of this run."}
    return Section(id, title, "not run", "NOT RUN", "absent.html", reason)
