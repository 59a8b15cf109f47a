"""What a run has to do: its tasks, for which cores, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikelock.models.errors import BadInput, MissingTool

from .discovery import find_check, packages_for
from .record import Finding
from .task import Result, Stage, Task

USUAL_SECONDS = 10.0
"""What a task is thought to take where its check does not say."""


@dataclass(frozen=True)
class Plan:
    """tasks: by core, in the order of the report. absent: what cannot even be planned, as it lacks a tool.

    checks: names, in the order of the report. concluding: those whose `conclude` is asked in the end.
    """

    stage: Stage
    checks: Sequence[str]
    tasks: Sequence[tuple[str, Task]]
    absent: Sequence[Finding] = ()
    concluding: Sequence[str] = ()


def make_plan(cores: Sequence[str], stage: Stage, seed: int, checks: Sequence[str]) -> Plan:
    """All tasks of a stage."""
    tasks: list[tuple[str, Task]] = []
    absent: list[Finding] = []
    for core in cores:
        for name in checks:
            try:
                with packages_for(name):
                    tasks += [(core, task) for task in find_check(name).tasks(core, stage, seed)]
            except MissingTool as missing:
                nothing = Task(name, core, {"stage": stage})
                absent.append(Finding(core, Result(nothing, "all of it", "not run", [str(missing)])))
    return Plan(stage, checks, tasks, absent, checks)


def only(plan: Plan, key: str) -> Plan:
    """The one task of that key. Raises BadInput where there is none."""
    chosen = [(core, task) for core, task in plan.tasks if task.key == key]
    if not chosen:
        raise BadInput(
            f"--task {key}: no task of this stage, these cores and this seed has that key; the record of a "
            "run names the keys of its results"
        )
    return Plan(plan.stage, [chosen[0][1].check], chosen)


def longest_first(tasks: Sequence[Task]) -> list[Task]:
    """By the time they are thought to take, so that no long one is left alone in the end."""
    return sorted(tasks, key=lambda task: -seconds_of(task))


def seconds_of(task: Task) -> float:
    """What a task is thought to take: `seconds(task)` of its check, where it offers that."""
    guess = getattr(find_check(task.check), "seconds", None)
    return USUAL_SECONDS if guess is None else float(guess(task))


def shares_of(task: Task) -> str:
    """Equal for tasks that build the same thing: `shares(task)` of its check, where it offers that."""
    shares = getattr(find_check(task.check), "shares", None)
    return task.key if shares is None else str(shares(task))
