"""From a bench's failure to the smallest case that shows it, in a file."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from spikelock.models.errors import BadInput
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.checking import CaseResult
from spikelock.testbenches.levels import LOCKSTEP, SOFTWARE
from spikelock.testbenches.trial import Trial

from .case import Found, RegressionCase
from .case_file import save
from .replaying import is_detected, replay
from .shrinking import SECONDS, shrink


def store_smallest(
    bench: Bench, case: Case, level: str, result: CaseResult, folder: Path, seconds: float = SECONDS
) -> Path | None:
    """Keeps the failure of a bench's case at a level as a small regression case; returns its file.

    Call it with what `bench.check` has returned. The first run of the case that failed is shrunk, for at most
    about `seconds`, and written to `folder`, which is made where it is missing; `spikelock replay FILE` runs
    it again. None where no stimulus is to blame: the result is a pass, or what failed is not a run but, for
    instance, a combination of handshakes that never came. Raises as `bench.check`.
    """
    found = failing_case(bench, case, level, result)
    if found is None:
        return None
    component = bench.component(case.params) if bench.component else None
    with suppress(BadInput):  # it may not fail a second time: then it is kept whole
        found = shrink(
            found, _level_to_shrink_at(found, component), component=component, seconds=seconds
        ).case
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", f"{bench.core.name}-{case.name}-{level}")
    path = folder / f"{name}.json"
    save(found, path)
    return path


def failing_case(bench: Bench, case: Case, level: str, result: CaseResult) -> RegressionCase | None:
    """The run behind a result's first problem, whole; None where no run is."""
    if result.passed:
        return None
    plays = Trial(bench, case, level, result.seed, result.size).plays()
    for problem in result.problems:
        for name, play in plays.items():
            if problem.startswith(f"{name}: "):
                origin = f"random stimulus: case {case.name}, seed {result.seed}, size {result.size}, {name}"
                found = Found(problem.detector, level, problem.removeprefix(f"{name}: "), origin)
                set_in = play.configuration
                return RegressionCase(
                    bench.core, case.params, play.job, found, set_in.registers, set_in.memories
                )
    return None


def _level_to_shrink_at(case: RegressionCase, component: object) -> str:
    """Lockstep is a thousand times as fast as cocotb: it is taken where the failure shows there too."""
    level = case.found.level
    if level in (*SOFTWARE, *LOCKSTEP):
        return level
    seen = replay(case, "rtl", component=component).problems
    return "rtl" if is_detected(seen, case.found.detector) else level
