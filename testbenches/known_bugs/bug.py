"""What a known bug is."""

from __future__ import annotations

from dataclasses import dataclass

from spikelock.models.mutant import Mutant
from spikelock.testbenches.problem import Detector


@dataclass(frozen=True)
class Catch:
    """A check that catches a bug: `scoreboard at rtl`, or `proof at step`.

    detector: the kind of check. where: the level, or the name of the proof.
    """

    detector: Detector
    where: str

    def __str__(self) -> str:
        return f"{self.detector} at {self.where}"


@dataclass(frozen=True)
class KnownBug:
    """A mistake that people make in such a core, and what must catch it.

    name: short, as for a command line. mutant: the core with the mistake. case: of the bench, at whose
    parameters and stimulus it is to be seen. caught_by: the check that must catch it, whatever others do.
    """

    name: str
    mutant: Mutant
    case: str
    caught_by: Catch
