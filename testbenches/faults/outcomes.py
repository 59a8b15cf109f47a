"""What a fault does to a run, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from spikelock.models.compare import compare
from spikelock.models.ports import Records
from spikelock.testbenches.intervals import wilson
from spikelock.testbenches.levels import CoreRun
from spikelock.testbenches.problem import Detector


class Outcome(StrEnum):
    """What a fault does to a run."""

    MASKED = "masked"
    """All outputs are as they should be, and the run ends as it should."""
    DETECTED = "detected"
    """Something notices without knowing the right outputs: an alarm, an assertion, the stream protocol."""
    SILENT = "silent"
    """Outputs are wrong, too many or too few, and nothing notices."""
    HANG = "hang"
    """The design takes no more inputs, or gives outputs without end, and nothing else notices."""


NOTICED = {Detector.PROTOCOL, Detector.ASSERTION}
"""Checks that need no golden outputs. A watchdog could count hangs as well; they are counted apart."""

Alarms = Mapping[str, Mapping[str, int]]
"""As `Bench.alarms`: stream → field → value."""


def outcome_of(done: CoreRun, expected: Mapping[str, Records], alarms: Alarms) -> Outcome:
    """What became of a run with a fault. Its job announced no outputs: only inputs can wait in vain."""
    detectors = {problem.detector for problem in done.problems}
    if detectors & NOTICED or any(
        _raised(done.outputs.get(stream), expected[stream], values) for stream, values in alarms.items()
    ):
        return Outcome.DETECTED
    if Detector.TIMEOUT in detectors:
        return Outcome.HANG
    right = not detectors and compare(expected, done.outputs).agrees
    return Outcome.MASKED if right else Outcome.SILENT


def _raised(outputs: Records | None, expected: Records, values: Mapping[str, int]) -> bool:
    """More alarms than the inputs themselves give reason for."""
    if outputs is None:
        return False
    fields = [field for field in values if field in (outputs.dtype.names or ())]
    return any(
        np.count_nonzero(outputs[field] == values[field]) > np.count_nonzero(expected[field] == values[field])
        for field in fields
    )


@dataclass(frozen=True)
class Tally:
    """How often each outcome came."""

    counts: Mapping[Outcome, int]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
        """Counted."""
        counts = Counter(outcomes)
        return cls({outcome: counts[outcome] for outcome in Outcome})

    @property
    def total(self) -> int:
        """Faults in all."""
        return sum(self.counts.values())

    def share(self, outcome: Outcome) -> float:
        """Part of the faults that had this outcome."""
        return self.counts[outcome] / self.total if self.total else 0.0

    def interval(self, outcome: Outcome) -> tuple[float, float]:
        """95 % interval of the share."""
        return wilson(self.counts[outcome], self.total)

    def to_json(self) -> dict[str, Any]:
        """Counts by outcome; shares with their intervals."""
        return {
            "faults": self.total,
            **{outcome.value: count for outcome, count in self.counts.items()},
            "shares": {o.value: [self.share(o), *self.interval(o)] for o in Outcome},
        }
