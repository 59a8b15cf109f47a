"""Runs one task, and makes a result of whatever happens."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace

from spikelock.models.cache import seconds_spent
from spikelock.models.errors import MissingTool, SpikelockError
from spikelock.testbenches.problem import Detector

from .discovery import find_check, packages_for
from .task import Result, Stage, Task

NOT_BUILDS = {"formal"}
"""Kinds of entries in the build cache that hold results, not builds."""


def run_task(task: Task) -> Result:
    """Its result, with the time it took; an error of any kind is a result too."""
    return _guarded(task, lambda: [find_check(task.check).run(task)])[0]


def conclude(check: str, core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """What a check concludes from all results of a core; nothing for a check that has no `conclude`."""
    try:
        conclusion = getattr(find_check(check), "conclude", None)
    except MissingTool:
        return []  # its tasks have said so
    if conclusion is None:
        return []
    return _guarded(Task(check, core, {"conclude": stage}), lambda: list(conclusion(core, stage, results)))


def failed(task: Task, problem: str) -> Result:
    """The result of a task that could not be done."""
    return Result(task, title_of(task), "failed", [problem], [Detector.TOOL.value])


def title_of(task: Task) -> str:
    """What it is, for a result that the check did not make itself."""
    words = [f"{name} {value}" for name, value in task.arguments.items() if isinstance(value, str | int)]
    return ", ".join(words) or task.check


def _guarded(task: Task, work: Callable[[], list[Result]]) -> list[Result]:
    started, building = time.monotonic(), _building()
    try:
        with packages_for(task.check):
            results = work()
        for result in results:
            json.dumps(result.to_json())  # a result that is not JSON cannot be kept
    except MissingTool as missing:
        results = [Result(task, title_of(task), "not run", [str(missing)])]
    except SpikelockError as error:
        results = [failed(task, str(error))]
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{at.filename}:{at.lineno}"
        results = [failed(task, f"the check itself failed: {type(error).__name__}: {error} ({where})")]
    count = max(len(results), 1)
    seconds, building = (time.monotonic() - started) / count, (_building() - building) / count
    return [
        replace(result, seconds=result.seconds or seconds, build_seconds=result.build_seconds or building)
        for result in results
    ]


def _building() -> float:
    return sum(seconds for kind, seconds in seconds_spent().items() if kind not in NOT_BUILDS)
