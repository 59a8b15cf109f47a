"""Known bugs: each is put into the core, and the check that must catch it has to."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.known_bugs.judging import BugResult, find_bug, judge
from spikelock.testbenches.problem import Detector

from ..failures import failures_folder
from ..task import Result, Stage, Task
from .bench import has_bench

TITLE = "Known bugs"

IN_SMOKE = 3
"""Bugs of a core in a smoke run."""

DETECTOR = "known bug"


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a bug. In a smoke run the first few that `rtl` must catch, for these are quick."""
    if not has_bench(core):
        return []
    bugs = list(find_bench(core).bugs)
    if stage == "smoke":
        bugs = [bug for bug in bugs if bug.caught_by.where == "rtl"][:IN_SMOKE]
    return [Task("known_bugs", core, {"bug": bug.name, "seed": seed}) for bug in bugs]


def planted(core: str, bug: str, seed: int) -> Task:
    """The task that treats a known bug as if nobody knew of it, so that it fails where the bug is caught.

    Raises BadInput for a bug that the core does not have.
    """
    return Task(
        "known_bugs", core, {"bug": find_bug(find_bench(core), bug).name, "seed": seed, "planted": True}
    )


def seconds(task: Task) -> float:
    """About how long it takes from nothing: another build of the hardware, at `rtl` and where it must be
    caught.
    """
    where = find_bug(find_bench(task.subject), task.arguments["bug"]).caught_by
    if where.detector is Detector.PROOF:
        return 30.0
    return {"rtl": 7.0, "icarus": 12.0}.get(where.where, 20.0)


def run(task: Task) -> Result:
    """Data: the bug, what must catch it, and what did."""
    bench = find_bench(task.subject)
    bug = find_bug(bench, task.arguments["bug"])
    result = judge(bench, bug, failures_folder(), seed=task.arguments["seed"])
    data = {
        "bug": bug.name,
        "breaks": bug.mutant.breaks,
        "must be caught by": str(bug.caught_by),
        "caught by": [str(catch) for catch in result.catches],
    }
    if task.arguments.get("planted"):
        return _as_unknown(task, result, data)
    again = f"spikelock verify {task.subject} --plant {bug.name}"
    problems = [] if result.passed else [str(result)]
    return Result(
        task,
        f"{bug.name}: {bug.mutant.breaks}",
        "passed" if result.passed else "failed",
        problems,
        [DETECTOR] * len(problems),
        again,
        data=data,
    )


def _as_unknown(task: Task, result: BugResult, data: Mapping[str, object]) -> Result:
    """What the checks find, as for any other failure; the one that must catch the bug comes first."""
    found = sorted(result.found, key=lambda one: one[0] != result.bug.caught_by)
    return Result(
        task,
        f"planted: {result.bug.name}",
        "failed" if found else "passed",
        [f"{catch}: {problem}" for catch, problem in found],
        [catch.detector.value for catch, _ in found],
        f"spikelock verify {task.subject} --plant {result.bug.name}",
        data=data,
    )
