"""Runs the jobs of a bench on an altered design, and says what kills an alteration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikelock.models.core import Configuration, Core
from spikelock.models.errors import SpikelockError
from spikelock.testbenches import levels
from spikelock.testbenches.alterations import UNALTERED, select
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.levels import CoreRun, Play
from spikelock.testbenches.lockstep import Built, Job
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.regression_cases import kept_stimuli, load
from spikelock.testbenches.trial import Trial

RunOne = Callable[[Configuration, Job], CoreRun]


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

    case: str
    name: str
    play: Play
    original: CoreRun


class Jury:
    """All jobs of some cases of equal parameters, and what is kept for those, for one altered design.

    run_original: runs the unaltered design, where that is built already. Raises SpikelockError where the
    design with selection 0 is not the original: its problems, outputs, resets and cycles must be those of the
    unaltered design.
    """

    def __init__(
        self,
        bench: Bench,
        cases: Sequence[Case],
        built: Built,
        seed: int,
        size: int,
        run_original: RunOne | None = None,
    ) -> None:
        self.bench, self.params, self.built = bench, cases[0].params, built
        component = bench.component(self.params) if bench.component else None
        self.run_original = run_original or levels.runner("rtl", bench.core, self.params, component=component)
        plays = {
            (case.name, name): play
            for case in cases
            for name, play in Trial(bench, case, "rtl", seed, size).plays().items()
        }
        plays |= {("kept", name): play for name, play in _kept_plays(bench.core, self.params)}
        self.jobs = list(self._prepared(plays))
        # First what kills most: the jobs without stalls, of all cases.
        self.jobs.sort(key=lambda prepared: prepared.name != "unhindered")
        for prepared in self.jobs:
            self._require_original(prepared)

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
            if problems := self._problems(prepared, self._run(prepared, number)):
                chosen = _telling(problems)
                yield Kill(chosen.detector, prepared.case, prepared.name, str(chosen))

    def _prepared(self, plays: Mapping[tuple[str, str], Play]) -> Iterator[_Prepared]:
        core, params = self.bench.core, self.params
        for (case, name), play in plays.items():
            original = self.run_original(play.configuration, play.job)
            problems = levels.problems_of(core, params, play.configuration, play.job, original)
            if problems:
                raise SpikelockError(
                    f"{core.name}, case {case}, {name}: the unaltered core fails: {problems[0]}"
                )
            patience = 4 * self.bench.silence
            limit = 3 * (original.cycles or 0) + 2 * patience
            limited = replace(play.job, stop_at_mismatch=True, patience=patience, limit=limit)
            yield _Prepared(case, name, Play(play.configuration, limited), original)

    def _run(self, prepared: _Prepared, number: int) -> CoreRun:
        play = prepared.play
        job = replace(play.job, levels={**play.job.levels, **select(number)})
        return levels.run_built(self.built, self.bench.core, self.params, play.configuration, job)

    def _problems(self, prepared: _Prepared, done: CoreRun) -> Sequence[Problem]:
        if _same(prepared.original, done):
            return ()
        play = prepared.play
        return levels.problems_of(self.bench.core, self.params, play.configuration, play.job, done)

    def _require_original(self, prepared: _Prepared) -> None:
        done = self._run(prepared, UNALTERED)
        if not _same(prepared.original, done):
            raise SpikelockError(
                f"case {prepared.case}, {prepared.name}: the altered design with selection {UNALTERED} is "
                f"not the original: {next(iter(self._problems(prepared, done)), f'{done.cycles} cycles')}"
            )


def _kept_plays(core: Core, params: Any) -> Iterator[tuple[str, Play]]:
    for file in kept_stimuli(core.name):
        if (case := load(file)).params == params:
            yield file.stem, Play(case.configuration, replace(case.expecting(), stamps=True))


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
