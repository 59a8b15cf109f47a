"""Looks for a failure with stimuli that Hypothesis makes, and shrinks what it finds.

The cases of a bench bring volume: thousands of transactions from a seeded generator. Here come short runs, in
which values at the ends of their formats, stalls of single cycles and resets meet as no generator was written
to make them. A failure of either is shrunk by the same search, through lockstep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import seed as seeded

from spikelock.models.errors import BadInput
from spikelock.testbenches import levels
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.lockstep import Job
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.strategies import jobs

from .case import Found, RegressionCase
from .shrinking import SECONDS, Shrunk, shrink

RECORDED = 200
"""Transactions of the bench's stimulus, stretches of which are among what is tried."""


@dataclass(frozen=True)
class Searched:
    """How many runs were tried, and the smallest that failed; None where all passed."""

    runs: int
    transactions: int
    failure: Shrunk | None


class _FoundError(Exception):
    """Ends the search."""


def search(
    bench: Bench,
    case: Case,
    level: str = "rtl",
    *,
    runs: int = 100,
    seed: int = 0,
    seconds: float = SECONDS,
) -> Searched:
    """Tries so many short runs with the parameters, registers and memories of a bench's case.

    seconds: for shrinking a failure. Raises MissingTool where the level's tools are missing.
    """
    core, params = bench.core, case.params
    component = bench.component(params) if bench.component else None
    run_one = levels.runner(level, core, params, component=component)
    done: list[int] = []
    failed: list[RegressionCase] = []
    origin = f"random search: case {case.name}, seed {seed}, {runs} runs"

    def attempt(job: Job) -> None:
        unknown = Found(Detector.SCOREBOARD, level, "", origin)
        job = replace(job, drain=bench.silence)
        candidate = RegressionCase(core, params, job, unknown, case.registers, case.memories)
        try:
            whole = candidate.expecting()
        except BadInput:
            assume(False)
        configuration = candidate.configuration
        run = run_one(configuration, whole)
        done.append(sum(map(len, run.outputs.values())))
        if problems := levels.problems_of(core, params, configuration, whole, run):
            failed.append(replace(candidate, found=Found.by(problems[0], level, origin)))
            raise _FoundError

    options = settings(
        max_examples=runs,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    recorded = case.inputs(seed, RECORDED)
    try:
        seeded(seed)(options(given(jobs(core, params, recorded))(attempt)))()
    except _FoundError:
        shrunk = shrink(failed[0], level, component=component, seconds=seconds)
        return Searched(len(done), sum(done), shrunk)
    return Searched(len(done), sum(done), None)
