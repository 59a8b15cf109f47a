"""Mutation scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spikelock.testbenches.intervals import wilson
from spikelock.testbenches.problem import Detector

from .campaign import Fate

SURVIVED = ("equivalent", "different", "unknown")

GATE, LEAF_GATE = 0.95, 1.0
"""The least strict score of a core, and of its leaves without state: arithmetic and arbiters."""


@dataclass(frozen=True)
class Score:
    """Counts of mutants. killed: by detector.

    Mutants proved equivalent are not counted in the scores: there is nothing to find.
    """

    killed: Mapping[str, int]
    equivalent: int
    different: int
    unknown: int

    @classmethod
    def of(cls, fates: Iterable[Fate]) -> Score:
        """The score of some mutants."""
        fates = list(fates)
        verdicts = Counter(fate.verdict for fate in fates)
        killed = Counter(fate.kill.detector.value for fate in fates if fate.kill)
        return cls(killed, verdicts["equivalent"], verdicts["different"], verdicts["unknown"])

    @property
    def kills(self) -> int:
        """Mutants killed by anything."""
        return sum(self.killed.values())

    @property
    def weak(self) -> int:
        """Those killed by nothing but a hang."""
        return self.killed.get(Detector.TIMEOUT.value, 0)

    @property
    def total(self) -> int:
        """All mutants."""
        return self.kills + self.equivalent + self.different + self.unknown

    @property
    def strict(self) -> float:
        """Share of killed mutants where `unknown` ones count as survivors; 1 where there is none to kill."""
        return _share(self.kills, self.total - self.equivalent)

    @property
    def optimistic(self) -> float:
        """The same where `unknown` ones count as equivalent."""
        return _share(self.kills, self.total - self.equivalent - self.unknown)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the strict score, for all mutants of which these are a sample."""
        return wilson(self.kills, self.total - self.equivalent)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "mutants": self.total,
            "killed": dict(self.killed),
            "weak": self.weak,
            "equivalent": self.equivalent,
            "different": self.different,
            "unknown": self.unknown,
            "strict": self.strict,
            "optimistic": self.optimistic,
            "interval": list(self.interval),
        }


def merged(scores: Iterable[Mapping[str, Any]]) -> Score:
    """One score of several, which are given as JSON values."""
    scores = list(scores)
    killed = Counter[str]()
    for score in scores:
        killed.update(score["killed"])
    return Score(killed, *(sum(score[name] for score in scores) for name in SURVIVED))


def _share(hits: int, trials: int) -> float:
    return hits / trials if trials else 1.0


def surely_below_gate(everything: Score) -> list[str]:
    """Whether the 95 % interval of a small sample is below the gate as a whole, in a sentence.

    Where few mutants are tried, one survivor more or less must not decide.
    """
    high = everything.interval[1]
    if high >= GATE:
        return []
    return [
        f"strict mutation score of all modules: at most {100 * high:.1f} %, the upper end of its 95 % "
        f"interval, and {100 * GATE:.0f} % is needed; of {everything.total} mutants "
        f"{everything.different} differ and survive, {everything.unknown} are undecided"
    ]


def below_gate(everything: Score, leaves: Score) -> list[str]:
    """What is below its gate, a sentence each: the core as a whole, and its leaves without state."""
    found = []
    for what, score, gate in (("all modules", everything, GATE), ("leaves without state", leaves, LEAF_GATE)):
        if score.strict < gate:
            found.append(
                f"strict mutation score of {what}: {100 * score.strict:.1f} %, and {100 * gate:.0f} % is "
                f"needed; of {score.total} mutants {score.different} differ and survive, {score.unknown} are "
                "undecided"
            )
    return found
