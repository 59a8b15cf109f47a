"""What is told of a campaign, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .campaign import Fate, ShareResult, survivors
from .score import Score
from .sources import source_text


def share_data(done: ShareResult) -> dict[str, Any]:
    """Figures of one share: its score, that of each module, and its survivors."""
    return {
        "design": done.design,
        "mutants": len(done.fates),
        "score": Score.of(done.fates).to_json(),
        "leaves": Score.of([fate for fate in done.fates if fate.leaf]).to_json(),
        "modules": {name: score.to_json() for name, score in by_module(done.fates).items()},
        "survivors": [survivor_data(fate) for fate in survivors(done.fates)],
        "seconds": {"building": done.building, "running": done.running, "deciding": done.deciding},
    }


def by_module(fates: Sequence[Fate]) -> dict[str, Score]:
    """The score of each module, the core itself first."""
    names = sorted({fate.module for fate in fates}, key=lambda name: (name != "core", name))
    return {name: Score.of([fate for fate in fates if fate.module == name]) for name in names}


def survivor_data(fate: Fate) -> dict[str, Any]:
    """A survivor: where it is, what it does there, and what is known of it."""
    return {
        "design": fate.design,
        "module": fate.module,
        "mutation": str(fate.mutation),
        "command": fate.mutation.command,
        "sources": [{"line": source, "text": source_text(source)} for source in fate.mutation.sources],
        "verdict": fate.verdict,
        "shown": str(fate.shown or ""),
    }
