"""Runs the jobs of a bench on an altered design, and says what kills an alteration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikelock.models.errors import SpikelockError
from spikelock.testbenches import levels
from spikelock.testbenches.alterations import UNALTERED, select
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.levels import CoreRun, Play
from spikelock.testbenches.lockstep import Built
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.trial import Trial


@dataclass(frozen=True)
class Kill:
    """What kills an alteration: by which detector, in which case and job, and what it says."""

    detector: Detector
    case: str
    job: str
    problem: str


@dataclass(frozen=True)
class _Prepared:
    """A job of a case, limited so that hangs are cheap, and what the original makes of it."""

    trial: Trial
    case: str
    name: str
    play: Play
    original: CoreRun


class Jury:
    """All jobs of some cases, for one altered design.

    Raises SpikelockError where the design with selection 0 is not the original: its problems, outputs, resets
    and cycles must be those of the unaltered design.
    """

    def __init__(self, bench: Bench, cases: Sequence[Case], built: Built, seed: int, size: int) -> None:
        self.built = built
        self.jobs = [
            prepared
            for case in cases
            for prepared in _prepared(bench, case, Trial(bench, case, "rtl", seed, size))
        ]
        # First what kills most: the jobs without stalls, of all cases.
        self.jobs.sort(key=lambda prepared: prepared.name != "unhindered")
        for prepared in self.jobs:
            _require_original(prepared, self._run(prepared, UNALTERED))

    @property
    def cycles(self) -> int:
        """Cycles of all the jobs on the original."""
        return sum(prepared.original.cycles or 0 for prepared in self.jobs)

    def judge(self, number: int) -> Kill | None:
        """What first kills the alteration of that number; None where it survives all the jobs."""
        return next(self.kills(number), None)

    def kills(self, number: int) -> Iterator[Kill]:
        """What kills the alteration of that number, job by job."""
        for prepared in self.jobs:
            done = self._run(prepared, number)
            if problems := _problems(prepared, done):
                chosen = _telling(problems)
                yield Kill(chosen.detector, prepared.case, prepared.name, str(chosen))

    def _run(self, prepared: _Prepared, number: int) -> CoreRun:
        trial = prepared.trial
        play = prepared.play
        job = replace(play.job, levels={**play.job.levels, **select(number)})
        return levels.run_built(self.built, trial.bench.core, trial.params, play.configuration, job)


def _prepared(bench: Bench, case: Case, trial: Trial) -> Iterator[_Prepared]:
    plays = trial.plays()
    originals = levels.run_all(
        "rtl", bench.core, case.params, list(plays.values()), component=trial.component
    )
    for (name, play), original in zip(plays.items(), originals, strict=True):
        problems = levels.problems_of(bench.core, case.params, play.configuration, play.job, original)
        if problems:
            raise SpikelockError(
                f"{bench.core.name}, case {case.name}, {name}: the unaltered core fails: {problems[0]}"
            )
        patience = 4 * bench.silence
        limit = 3 * (original.cycles or 0) + 2 * patience
        limited = replace(play.job, stop_at_mismatch=True, patience=patience, limit=limit)
        yield _Prepared(trial, case.name, name, Play(play.configuration, limited), original)


def _problems(prepared: _Prepared, done: CoreRun) -> Sequence[Problem]:
    if _same(prepared.original, done):
        return ()
    trial, play = prepared.trial, prepared.play
    return levels.problems_of(trial.bench.core, trial.params, play.configuration, play.job, done)


def _telling(problems: Sequence[Problem]) -> Problem:
    """The problem that names the cause. A hang also leaves transactions out, which is no other finding."""
    return next((p for p in problems if p.detector is Detector.TIMEOUT), problems[0])


def _same(original: CoreRun, done: CoreRun) -> bool:
    """Whether a run has no problem and is that of the original, cycle by cycle, which is right."""
    return (
        not done.problems
        and done.reset_marks == original.reset_marks
        and done.cycles == original.cycles
        and _equal(done.outputs, original.outputs)
        and _equal(done.passed_at, original.passed_at)
    )


def _equal(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return all(np.array_equal(some[name], other) for name, other in others.items())


def _require_original(prepared: _Prepared, done: CoreRun) -> None:
    if not _same(prepared.original, done):
        raise SpikelockError(
            f"case {prepared.case}, {prepared.name}: the altered design with selection {UNALTERED} is not "
            f"the original: {next(iter(_problems(prepared, done)), f'{done.cycles} cycles')}"
        )
