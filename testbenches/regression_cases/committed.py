"""The regression cases that are kept with a core, for good: `testbenches/<family>/cases/<core>/*.json`."""

from __future__ import annotations

from pathlib import Path


def committed_cases(core: str) -> list[Path]:
    """The files of a core's cases, by name. The core as it is passes each of them at every level."""
    family, _, leaf = core.rpartition(".")
    folder = Path(__file__).parents[1] / family / "cases" / leaf
    return sorted(folder.glob("*.json"))
