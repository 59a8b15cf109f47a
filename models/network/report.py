"""What quantisation did to each parameter."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

UNIT = "v_threshold − v_reset"
"""The unit of every number in a report but the leak, which is a part of one."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of one population. Errors are |integer · lsb − real number|, in `UNIT`.

    format: width and sign of the integer. lsb: what its last bit is worth. minimum, maximum: range of the
    real numbers. saturated: how many of `count` values did not fit, and became the nearest that does.
    """

    population: str
    name: str
    format: str
    lsb: float
    minimum: float
    maximum: float
    worst_error: float
    mean_error: float
    saturated: int
    count: int


@dataclass(frozen=True)
class Report:
    """All parameters of a program, and what else a reader should know, as sentences."""

    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same in dictionaries, lists, strings and numbers."""
        return {"unit": UNIT, "parameters": [asdict(p) for p in self.parameters], "notes": list(self.notes)}

    def lines(self) -> list[str]:
        """A table in plain text, then the notes."""
        header = (
            "population",
            "parameter",
            "format",
            "lsb",
            "range",
            "worst error",
            "mean error",
            "saturated",
        )
        rows = [header] + [
            (
                p.population,
                p.name,
                p.format,
                f"{p.lsb:.4g}",
                f"{p.minimum:.4g} … {p.maximum:.4g}",
                f"{p.worst_error:.2g}",
                f"{p.mean_error:.2g}",
                f"{p.saturated} of {p.count}",
            )
            for p in self.parameters
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return [*table, f"numbers in units of {UNIT}", *self.notes]
