"""The smallest case that still fails, for the same detector.

Tried in turn, and again until nothing gets smaller: no stalls; fewer resets; fewer transactions; fewer
cycles, with all that happens in them; fewer cycles of stalling; registers at their reset values, or nearer to
them; payloads of 0, or nearer to it. Parameters and memories stay: what may stand in a memory only the core's
author knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from spikelock.models.compare import compare
from spikelock.models.core import twin
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.ports import Records
from spikelock.models.shrink import Items, Search
from spikelock.testbenches import levels
from spikelock.testbenches.levels import CoreRun, problems_of
from spikelock.testbenches.lockstep import Stall, exactly
from spikelock.testbenches.lockstep.stalls import pattern, port_seed
from spikelock.testbenches.problem import Problem

from .case import Found, RegressionCase
from .replaying import is_detected, job_at

SECONDS = 10.0
"""How long a search takes at most, unless told otherwise."""


@dataclass(frozen=True)
class Shrunk:
    """The outcome: the smallest case found, what it was shrunk from, and what the search took.

    finished: False where the time was up before the end.
    """

    case: RegressionCase
    original: RegressionCase
    runs: int
    seconds: float
    finished: bool

    def __str__(self) -> str:
        before, after = self.original.transactions, self.case.transactions
        early = "" if self.finished else ", stopped early"
        return f"{after} of {before} transactions, {self.runs} runs in {self.seconds:.1f} s{early}"


def shrink(case: RegressionCase, level: str, *, component: Any = None, seconds: float = SECONDS) -> Shrunk:
    """The smallest case found within about `seconds` that fails at the level as this one does.

    What it says is that of the smallest case. component: hardware in the place of the core's own. Raises
    BadInput where the case does not fail at that level, and as `levels.run` does.
    """
    attempt = _Attempt(case, level, component)
    search = Search(attempt.fails, seconds)
    if not search.fails(case):
        raise BadInput(f"the case does not fail at {level} as recorded, so there is nothing to shrink")
    smallest, size = case, None
    while search.in_time() and size != _size(smallest):
        size = _size(smallest)
        for step in (_stalls, _resets, _transactions, _cycles, _stall_cycles, _registers, _payloads):
            smallest = step(search, smallest, attempt)
    finished = search.in_time()
    (problem, *_) = attempt.problems(smallest)
    found = Found.by(problem, case.found.level, case.found.origin)
    return Shrunk(replace(smallest, found=found), case, search.runs, search.seconds, finished)


class _Attempt:
    """Runs cases at one level; what can be built is built once."""

    def __init__(self, case: RegressionCase, level: str, component: Any) -> None:
        self._level = level
        self._detector = case.found.detector
        component = component if level in levels.HARDWARE else None
        self._run = levels.runner(level, case.core, case.params, component=component)

    def run(self, case: RegressionCase) -> CoreRun:
        """What the level makes of it."""
        return self._run(case.configuration, job_at(case, self._level))

    def problems(self, case: RegressionCase) -> list[Problem]:
        """All that is wrong with it."""
        job = job_at(case, self._level)
        done = self._run(case.configuration, job)
        return problems_of(case.core, case.params, case.configuration, job, done)

    def fails(self, case: RegressionCase) -> bool:
        """Whether it is a fair stimulus, and fails for the detector of the record."""
        return self._is_fair(case) and is_detected(self.problems(case), self._detector)

    def _is_fair(self, case: RegressionCase) -> bool:
        """The reference takes it and, where hardware is judged, the engine agrees: a sound core can pass."""
        if self._level == "engine":
            return True
        try:
            expected = case.without_cycles().expecting().expected
            given = twin(case.core.name, "models.engine").run(
                case.params, case.configuration, case.job.inputs
            )
            return not expected or compare(expected, given).agrees
        except (BadInput, RangeError):
            return False


def _size(case: RegressionCase) -> tuple[int, ...]:
    """What a step may make smaller."""
    job, usual = case.job, case.core.configuration(case.params).registers
    distance = sum(abs(value - usual[name]) for name, value in case.registers.items())
    payload = sum(
        int(np.abs(one[field].astype(object)).sum())
        for one in job.inputs.values()
        for field in one.dtype.names or ()
    )
    stalled = sum(len(stall.cycles) + bool(stall.begin) + stall.after_valid for stall in case.stalls.values())
    return case.steps, len(job.resets), sum(job.resets), stalled, distance, payload


# ---------------------------------------------------------------- steps


def _stalls(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    """None at all, or none of a stream."""
    for names in (list(case.stalls), *([name] for name in case.stalls)):
        candidate = _stalled(case, {name: one for name, one in case.stalls.items() if name not in names})
        if names and search.in_time() and search.fails(candidate):
            case = candidate
    return case


def _resets(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    def with_resets(kept: Items) -> RegressionCase:
        return replace(case, job=replace(case.job, resets=[case.job.resets[index] for index in kept]))

    return with_resets(search.smallest(np.arange(len(case.job.resets)), with_resets, least=0))


def _transactions(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    """The streams of a core have equally many transactions; those of one step go together."""

    def of(kept: Items) -> RegressionCase:
        return _sending(case, {name: records[kept] for name, records in case.job.inputs.items()})

    return of(search.smallest(np.arange(case.steps), of, least=0))


def _cycles(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    """Leaves out cycles with all that happens in them, so that what comes later comes earlier."""
    if not case.stalls and not case.job.resets:
        return case
    case = _listed(search, case, attempt)
    if any(stall.begin for stall in case.stalls.values()):
        return case
    done = attempt.run(replace(case, job=replace(case.job, stamps=True)))
    accepted = list(done.passed_at.get(next(iter(case.job.inputs)), ()))
    last = max([*accepted, *case.job.resets, *(max(s.cycles, default=0) for s in case.stalls.values())])

    def of(kept: Items) -> RegressionCase:
        now = {cycle: index for index, cycle in enumerate(kept.tolist())}
        stays = [
            index for index in range(case.steps) if index >= len(accepted) or int(accepted[index]) in now
        ]
        job = replace(
            case.job,
            inputs={name: records[stays] for name, records in case.job.inputs.items()},
            resets=[now[cycle] for cycle in case.job.resets if cycle in now],
            stalls={
                name: replace(stall, cycles=tuple(now[cycle] for cycle in stall.cycles if cycle in now))
                for name, stall in case.stalls.items()
            },
        )
        return replace(case, job=job)

    return of(search.smallest(np.arange(int(last) + 1), of, least=0))


def _listed(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    """Random stalls become lists of the cycles that they hit in this run."""
    cycles = attempt.run(case).cycles
    for name, stall in case.stalls.items():
        if stall.begin and search.in_time():
            hit = islice(pattern(stall, port_seed(case.job.seed, name)), cycles)
            listed = exactly(cycle for cycle, stalls in enumerate(hit) if stalls)
            candidate = _stalled(case, {**case.stalls, name: replace(listed, after_valid=stall.after_valid)})
            case = candidate if search.fails(candidate) else case
    return case


def _stall_cycles(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    for name in case.stalls:
        case = _fewer_cycles(search, case, name)
    return case


def _fewer_cycles(search: Search[RegressionCase], case: RegressionCase, name: str) -> RegressionCase:
    stall = case.stalls[name]

    def of(kept: Items) -> RegressionCase:
        return _stalled(
            case, {**case.stalls, name: replace(stall, cycles=tuple(stall.cycles[i] for i in kept))}
        )

    return of(search.smallest(np.arange(len(stall.cycles)), of, least=0))


def _registers(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    usual = case.core.configuration(case.params).registers
    for name in case.registers:

        def of(value: int, name: str = name, case: RegressionCase = case) -> RegressionCase:
            return replace(case, registers={**case.registers, name: value})

        case = of(search.nearest(case.registers[name], usual[name], of))
    return case


def _payloads(search: Search[RegressionCase], case: RegressionCase, attempt: _Attempt) -> RegressionCase:
    for stream, records in case.job.inputs.items():
        for field in records.dtype.names or ():
            for index in range(len(records)):
                if not search.in_time():
                    return case
                of = _with_value(case, stream, field, index)
                case = of(search.nearest(int(case.job.inputs[stream][field][index]), 0, of))
    return case


def _with_value(case: RegressionCase, stream: str, field: str, index: int) -> Callable[[int], RegressionCase]:
    def of(value: int) -> RegressionCase:
        records = case.job.inputs[stream].copy()
        records[field][index] = value
        return _sending(case, {**case.job.inputs, stream: records})

    return of


def _sending(case: RegressionCase, inputs: Mapping[str, Records]) -> RegressionCase:
    return replace(case, job=replace(case.job, inputs=inputs))


def _stalled(case: RegressionCase, stalls: Mapping[str, Stall]) -> RegressionCase:
    return replace(case, job=replace(case.job, stalls=stalls))
