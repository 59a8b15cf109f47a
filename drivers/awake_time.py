"""Time as a host lives through it."""

from __future__ import annotations

from collections.abc import Callable

LONGEST_STEP = 0.25
"""Seconds between two looks at the clock that count, at most. Nobody here waits longer at once."""


class AwakeTime:
    """Seconds without those in which this process did not run, as it was stopped or others were run.

    A board is not late because its host was, nor because the whole machine was.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._missed = 0.0

    def __call__(self) -> float:
        now = self._clock()
        self._missed += max(0.0, now - self._looked_at - LONGEST_STEP)
        self._looked_at = now
        return now - self._missed
