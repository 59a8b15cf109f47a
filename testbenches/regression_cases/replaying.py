"""Runs a regression case at a level, and says whether it fails there as it once did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.testbenches import levels
from spikelock.testbenches.levels import HARDWARE, LEVELS, SOFTWARE, problems_of, run
from spikelock.testbenches.lockstep import Job
from spikelock.testbenches.problem import Detector, Problem

from .case import RegressionCase


@dataclass(frozen=True)
class Replayed:
    """What became of a case at a level.

    problems: empty means a pass. transactions: of the outputs, held against the reference. cycles: of
    hardware. waves: of a failure of hardware, where asked for.
    """

    case: RegressionCase
    level: str
    problems: Sequence[Problem]
    transactions: int
    cycles: int | None = None
    waves: Path | None = None

    @property
    def passed(self) -> bool:
        """Nothing is wrong."""
        return not self.problems

    @property
    def as_recorded(self) -> bool:
        """It fails, and the detector of the record is among those that see it."""
        return any(problem.detector is self.case.found.detector for problem in self.problems)

    def __str__(self) -> str:
        if self.passed:
            return f"passes: {self.transactions} transactions agree"
        what = "as recorded" if self.as_recorded else f"not as recorded: {self.case.found.detector} was"
        detectors = ", ".join(dict.fromkeys(str(problem.detector) for problem in self.problems))
        return f"FAILS, {detectors} ({what})"


def replay(case: RegressionCase, level: str, *, component: Any = None, waves: Path | None = None) -> Replayed:
    """Runs the case at a level. Software has no cycles, so there its stalls and resets are left out.

    component: hardware in the place of the core's own. waves: a folder; a failure of hardware is repeated,
    and its waves go there. Raises BadInput where the reference refuses the inputs, MissingTool where a tool
    is missing.
    """
    if level not in LEVELS:
        raise BadInput(f"no level is called {level!r}; a core runs at {', '.join(LEVELS)}")
    core, params, configuration = case.core, case.params, case.configuration
    component = component if level in HARDWARE else None
    job = job_at(case, level)
    done = run(level, core, params, configuration, job, component=component)
    problems = problems_of(core, params, configuration, job, done)
    file = None
    if problems and waves is not None:
        file = levels.replay(level, core, params, configuration, job, waves, component=component)
    return Replayed(case, level, problems, sum(map(len, done.outputs.values())), done.cycles, file)


def job_at(case: RegressionCase, level: str) -> Job:
    """What the level is given. Raises BadInput where the reference refuses the inputs."""
    return case.without_cycles().expecting() if level in SOFTWARE else case.expecting()


def is_detected(problems: Sequence[Problem], detector: Detector) -> bool:
    """Whether a run is seen to fail by this detector before all others."""
    return bool(problems) and problems[0].detector is detector
