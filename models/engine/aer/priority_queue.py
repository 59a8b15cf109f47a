"""Vectorised queue of classes: each event's rank in its step and class says whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.aer.priority_queue import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records

Integers = NDArray[np.int64]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of a split `aer.priority_queue`."""
    events = inputs["input"]
    traps: dict[str, Records] = {}
    if params.drops:
        marks = np.flatnonzero(events["kind"] == Kind.TICK)
        events = events[: marks[-1] + 1 if len(marks) else 0]
        kept = _kept(params, events)
        cleared = bool(configuration.registers["clear"])
        traps = {"traps": _traps(params, events, kept, cleared)}
        events = events[kept]
    is_mark, own = events["kind"] == Kind.TICK, events["payload"] & (params.classes - 1)
    return {f"output{n}": events[is_mark | (own == n)] for n in range(params.classes)} | traps


def _kept(params: Params, events: Records) -> NDArray[np.bool_]:
    """Which events find room: by their rank among those of their step and class."""
    is_mark = events["kind"] == Kind.TICK
    step = np.cumsum(is_mark) - is_mark
    group = np.where(is_mark, -1, step * params.classes + (events["payload"] & (params.classes - 1)))
    begins = np.diff(step, prepend=-1) > 0  # the first event of a step, or its mark
    first = np.isin(group, group[begins & ~is_mark])
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order])
    rank = np.empty(len(events), np.int64)
    rank[order] = np.arange(len(events)) - starts
    kept: NDArray[np.bool_] = is_mark | (rank < params.depth + first)
    return kept


def _traps(params: Params, events: Records, kept: NDArray[np.bool_], cleared: bool) -> Records:
    """By mark: the classes of which something was dropped so far, and how many events."""
    at_mark = events["kind"] == Kind.TICK
    own = events["payload"] & (params.classes - 1)
    latched = np.zeros(int(np.count_nonzero(at_mark)), np.int64)
    for number in range(params.classes):
        dropped: Integers = np.cumsum(~kept & (own == number))
        latched |= (dropped[at_mark] > 0).astype(np.int64) << number
    count = np.minimum(np.cumsum(~kept)[at_mark], (1 << params.count_width) - 1)
    return CORE.outputs(params)["traps"].records(latched * (not cleared), count * (not cleared))
