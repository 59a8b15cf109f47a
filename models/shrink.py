"""The smallest stimulus that still fails.

A list is shortened by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
input", 2002): halves are tried first, then finer and finer parts are left out, until no single item can be
left out any more or the time is up. A number is brought nearer to its simplest value by bisection.

`Search` does both, for stimuli of any kind. `shrink` is for networks: fewer samples, then fewer ticks, then
fewer events.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput

T = TypeVar("T")

Items = NDArray[np.int64]
"""Positions of what is kept of a list, in ascending order."""

Spikes = NDArray[np.bool_]
"""Input spikes of a network: shape (samples, ticks, inputs)."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """The outcome.

    spikes: what still fails. samples: the original samples it came from. shrunk_from: samples and ticks of
    the original. runs, seconds: what the search took. finished: False where the time was up before the end.
    """

    spikes: Spikes
    samples: tuple[int, ...]
    shrunk_from: tuple[int, int]
    runs: int
    seconds: float
    finished: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values; each event as (sample, tick, input)."""
        samples, ticks, _ = self.spikes.shape
        return {
            "samples": samples,
            "ticks": ticks,
            "events": np.argwhere(self.spikes).tolist(),
            "original_samples": list(self.samples),
            "shrunk_from": list(self.shrunk_from),
            "runs": self.runs,
            "seconds": self.seconds,
            "finished": self.finished,
        }

    def __str__(self) -> str:
        samples, ticks, _ = self.spikes.shape
        size = ", ".join(
            _number(n, what) for n, what in ((samples, "sample"), (ticks, "tick"), (self.events, "event"))
        )
        early = "" if self.finished else ", stopped early"
        return f"{size} (shrunk from {' × '.join(map(str, self.shrunk_from))} in {self.seconds:.1f} s{early})"

    @property
    def events(self) -> int:
        """Input events in all."""
        return int(np.count_nonzero(self.spikes))


def shrink(
    fails: Callable[[Spikes], bool],
    spikes: Spikes,
    *,
    at: tuple[int, int] | None = None,
    seconds: float = 10.0,
) -> Shrunk:
    """The smallest part of `spikes` for which `fails` is still true, found within about `seconds`.

    at: sample and tick of the failure, where known: that sample up to that tick is tried first. One run of
    `fails` that has begun is not cut short. Raises BadInput where `fails(spikes)` is not true.
    """
    search = Search(fails, seconds)
    samples, ticks = np.arange(spikes.shape[0]), np.arange(spikes.shape[1])
    if at is not None and search.fails(spikes[at[0] : at[0] + 1, : at[1] + 1]):
        samples, ticks = samples[at[0] : at[0] + 1], ticks[: at[1] + 1]
    elif not search.fails(spikes):
        raise BadInput("this stimulus does not fail, so there is nothing to shrink: is it reproducible?")
    samples = search.smallest(samples, lambda kept: spikes[kept][:, ticks])
    ticks = search.smallest(ticks, lambda kept: spikes[samples][:, kept])
    part = spikes[samples][:, ticks]
    events = search.smallest(np.flatnonzero(part), lambda kept: _only(part, kept), least=0)
    return Shrunk(
        spikes=_only(part, events),
        samples=tuple(samples.tolist()),
        shrunk_from=(spikes.shape[0], spikes.shape[1]),
        runs=search.runs,
        seconds=search.seconds,
        finished=search.in_time(),
    )


class Search(Generic[T]):
    """Looks for smaller stimuli of which `fails` is still true, until `seconds` are over.

    runs: of `fails`, so far. One run that has begun is not cut short.
    """

    def __init__(self, fails: Callable[[T], bool], seconds: float) -> None:
        self._fails = fails
        self._started = time.monotonic()
        self._deadline = self._started + seconds
        self.runs = 0

    def fails(self, stimulus: T) -> bool:
        """Whether it fails; counted."""
        self.runs += 1
        return self._fails(stimulus)

    def in_time(self) -> bool:
        """Whether time is left."""
        return time.monotonic() < self._deadline

    @property
    def seconds(self) -> float:
        """What the search has taken so far."""
        return time.monotonic() - self._started

    def smallest(self, items: Items, stimulus: Callable[[Items], T], least: int = 1) -> Items:
        """The fewest of the items, at least `least`, whose stimulus still fails; order is kept."""
        parts = 2
        while len(items) > least and self.in_time():
            kept = self._smaller(items, min(parts, len(items)), stimulus, least)
            if kept is not None:
                items, parts = kept, max(parts - 1, 2)
            elif parts >= len(items):
                break
            else:
                parts *= 2
        return items

    def nearest(self, value: int, goal: int, stimulus: Callable[[int], T]) -> int:
        """The number nearest to `goal`, between it and `value`, whose stimulus still fails.

        That is so where failing numbers are those from some point on; else it is one of them, or `value`.
        """
        if value == goal or not self.in_time():
            return value
        if self.fails(stimulus(goal)):
            return goal
        passes, fails = goal, value
        while abs(fails - passes) > 1 and self.in_time():
            middle = (passes + fails) // 2
            if self.fails(stimulus(middle)):
                fails = middle
            else:
                passes = middle
        return fails

    def _smaller(self, items: Items, parts: int, stimulus: Callable[[Items], T], least: int) -> Items | None:
        """The items without one of `parts` parts, where that still fails.

        The last part is tried first: what comes after the failure does not matter to it.
        """
        edges = np.linspace(0, len(items), parts + 1).astype(int)
        for start, stop in zip(edges[-2::-1], edges[:0:-1], strict=True):
            kept = np.delete(items, np.s_[start:stop])
            if len(kept) >= least and self.in_time() and self.fails(stimulus(kept)):
                return kept
        return None


def _only(spikes: Spikes, cells: NDArray[np.int64]) -> Spikes:
    """The same shape with only those cells of the flattened array."""
    out = np.zeros(spikes.shape, np.bool_)
    out.reshape(-1)[cells] = True
    return out


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
