"""Whether hardware that nothing hinders keeps the timing it promises, from the cycles of its transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.ports import Records

from .lockstep import NONE, Job
from .problem import Detector, Problem

Cycles = Mapping[str, NDArray[Any]]
"""The cycle of each transaction, by stream."""


def timing_problems(
    core: Core, params: Any, configuration: Configuration, job: Job, passed_at: Cycles, promised: Timing
) -> Iterator[Problem]:
    """Where a run first breaks the promise; nothing for a job with stalls or resets, which hinder.

    Its outputs must be those of the reference, which says what each input causes.
    """
    inputs, outputs = list(core.inputs(params)), list(core.outputs(params))
    if job.resets or any(job.stall_of(stream) != NONE for stream in (*inputs, *outputs)):
        return
    steps = min(len(passed_at[name]) for name in inputs)
    taken = np.max([passed_at[name][:steps] for name in inputs], axis=0).astype(np.int64)
    if promised.interval is not None:
        wrong = np.flatnonzero(np.diff(taken) != promised.interval)
        if len(wrong):
            at, before = taken[wrong[0] + 1], taken[wrong[0]]
            yield Problem(
                Detector.TIMING,
                f"an input was taken at cycle {at}, {at - before} after the one before; "
                f"an interval of {promised.interval} is promised",
            )
    if promised.latency is None:
        return
    for name, first in _first_outputs(core, params, configuration, job.inputs).items():
        caused = np.flatnonzero(first >= 0)
        came = passed_at[name][first[caused]].astype(np.int64)
        wrong = np.flatnonzero(came - taken[caused] != promised.latency)
        if len(wrong):
            yield Problem(
                Detector.TIMING,
                f"{name}: cycle {came[wrong[0]]} answers the input of cycle {taken[caused][wrong[0]]}; "
                f"a latency of {promised.latency} is promised",
            )


def _first_outputs(
    core: Core, params: Any, configuration: Configuration, inputs: Mapping[str, Records]
) -> dict[str, NDArray[np.int64]]:
    """By output stream: the number of the first transaction that each step causes, −1 where there is none."""
    state = core.initial(params, configuration)
    counts: list[list[int]] = []
    for transactions in zip(*(inputs[name].tolist() for name in core.inputs(params)), strict=False):
        state, *produced = core.reference(params, configuration, state, *transactions)
        counts.append([len(some) for some in produced])
    table = np.array(counts, np.int64).reshape(len(counts), len(core.outputs(params)))
    starts = np.cumsum(table, axis=0) - table
    first = np.where(table > 0, starts, -1)
    return {name: first[:, column] for column, name in enumerate(core.outputs(params))}
