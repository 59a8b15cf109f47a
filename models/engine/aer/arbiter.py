"""Vectorised arbiter: events that come at once are sorted, by input or by how far it is around the circle."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.aer.arbiter import Params, Policy
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.ports import Records

Flags = NDArray[np.bool_]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of an `aer.arbiter` whose inputs give something at once."""
    given = np.stack([inputs[f"input{number}"] for number in range(params.inputs)], axis=1)
    shown, marks, ends = _steps(given["kind"] == Kind.TICK)
    rank = np.tile(np.arange(params.inputs), (len(given), 1))
    if params.policy is Policy.ROUND_ROBIN:
        rank = (rank - _first(shown)[:, np.newaxis]) % params.inputs
    order = np.argsort(rank, axis=1)
    # a step's mark goes behind what comes at the same time as its last mark
    leaves = np.zeros((len(given), params.inputs + 1), np.bool_)
    leaves[:, :-1] = np.take_along_axis(shown, order, 1)
    leaves[ends, -1] = True
    out = np.zeros(leaves.shape, given.dtype)
    out[:, :-1] = np.take_along_axis(given, order, 1)
    out[ends, -1] = given[marks, 0]
    return {"output": out[leaves]}


def _steps(is_mark: Flags) -> tuple[Flags, Ints, Ints]:
    """Which events are shown to the arbiter; when input 0 gave each mark, and when the last input did."""
    size = len(is_mark)
    times = [np.flatnonzero(column) for column in is_mark.T]
    shown = np.zeros(is_mark.shape, np.bool_)
    marks, ends = [], []
    begins = 0
    while begins < size:
        after = [int(np.searchsorted(at, begins)) for at in times]
        first = np.array([at[n] if n < len(at) else size for at, n in zip(times, after, strict=True)])
        last = int(first.max())
        shown[begins : last + 1] = np.arange(begins, min(last + 1, size))[:, np.newaxis] < first
        if last < size:
            marks.append(int(first[0]))
            ends.append(last)
        begins = last + 1
    return shown, np.array(marks, np.int64), np.array(ends, np.int64)


def _first(shown: Flags) -> Ints:
    """By time, the input that goes first: the one after that of the last event before."""
    size, inputs = shown.shape
    first = np.zeros(size, np.int64)
    begins = 0
    for time, row in enumerate(shown):
        first[time] = begins
        if row.any():
            begins = (begins - int(np.argmax(np.roll(row, -begins)[::-1]))) % inputs
    return first
