"""Failures of the past: the cases that are kept with a core pass, and still fail with their bug.

So do the stimuli that are kept to kill mutants, at the levels that take no time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.testbenches.known_bugs.judging import find_bug
from spikelock.testbenches.levels import LEVELS
from spikelock.testbenches.regression_cases import (
    RegressionCase,
    Replayed,
    committed_cases,
    kept_stimuli,
    load,
    replay,
)

from ...bench import find_bench
from ..failures import failures_folder
from ..subject import model_of
from ..task import Result, Stage, Task

TITLE = "Failures of the past"

SMOKE_LEVELS = ("engine", "rtl")

DETECTOR = "replay"


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a case and level; and one a case with the bug that it shows, which must fail."""
    levels = SMOKE_LEVELS if stage == "smoke" else LEVELS
    found = []
    for file in committed_cases(core):
        found += [Task("replay", core, {"case": file.stem, "level": level}) for level in levels]
        if stage != "smoke":
            found.append(Task("replay", core, {"case": file.stem, "level": "rtl", "broken": True}))
    found += [
        Task("replay", core, {"case": file.stem, "level": level})
        for file in kept_stimuli(core)
        for level in SMOKE_LEVELS
    ]
    return found


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return {"reference": 0.1, "engine": 0.1, "rtl": 6.0}.get(task.arguments["level"], 10.0)


def shares(task: Task) -> str:
    """Tasks of which this is equal build the same model."""
    level, broken = task.arguments["level"], task.arguments.get("broken", False)
    return model_of(task.subject, level, load(_file(task)).params, task.arguments["case"] if broken else "")


def run(task: Task) -> Result:
    """Data: the detector of the record, and the size of the case. A case that its bug passes is a failure."""
    file, level = _file(task), task.arguments["level"]
    case = load(file)
    if task.arguments.get("broken"):
        return _run_broken(task, file, case)
    done = replay(case, level, waves=failures_folder() / f"{task.subject}-{file.stem}-{level}")
    return _result(
        task,
        f"case {file.stem} at {level}",
        done,
        [str(problem) for problem in done.problems],
        [problem.detector.value for problem in done.problems],
        f"spikelock replay {file} --levels {level}",
    )


def _run_broken(task: Task, file: Path, case: RegressionCase) -> Result:
    """With the known bug of the same name in the core, the detector of the record must find it again."""
    mutant = find_bug(find_bench(task.subject), file.stem).mutant
    done = replay(case, "rtl", component=mutant.component(task.subject, case.params))
    problem = f"with its bug in the core it should fail, {case.found.detector}; but it {done}"
    return _result(
        task,
        f"case {file.stem} with its bug",
        done,
        [] if done.as_recorded else [problem],
        [] if done.as_recorded else [DETECTOR],
        f"spikelock replay {file} --levels rtl --plant {file.stem}",
    )


def _result(
    task: Task, title: str, done: Replayed, problems: list[str], detectors: list[str], again: str
) -> Result:
    data: dict[str, Any] = {
        "case": task.arguments["case"],
        "level": done.level,
        "recorded": done.case.found.detector.value,
        "size": done.case.size,
    }
    return Result(
        task,
        title,
        "failed" if problems else "passed",
        problems,
        detectors,
        again,
        {"waves": str(done.waves)} if done.waves else {},
        cycles=done.cycles or 0,
        data=data,
    )


def _file(task: Task) -> Path:
    for file in (*committed_cases(task.subject), *kept_stimuli(task.subject)):
        if file.stem == task.arguments["case"]:
            return file
    raise BadInput(f"{task.subject} keeps no case {task.arguments['case']!r}")
