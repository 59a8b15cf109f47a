"""A check for tests of the regression: its tasks do what $PRETEND says, one word each."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from spikelock.models.errors import BadInput, MissingTool
from spikelock.testbenches.regression.task import Result, Stage, Task

TITLE = "What tests ask for"


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """As many as $PRETEND has words."""
    words = os.environ["PRETEND"].split()
    return [Task("pretend", core, {"number": n, "does": does, "seed": seed}) for n, does in enumerate(words)]


def run(task: Task) -> Result:
    """Says in a file that it is run, then does it."""
    number, does = task.arguments["number"], task.arguments["does"]
    with (folder() / "begun").open("a") as file:
        file.write(f"{number}\n")
    return DOES[does](task)


def conclude(core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """How many there were."""
    data = {"figure": f"{len(results)} results"}
    return [Result(Task("pretend", core, {"conclude": stage}), "conclusion", "passed", data=data)]


def folder() -> Path:
    """Where tasks and tests leave each other messages."""
    return Path(os.environ["PRETEND_FOLDER"])


def passes(task: Task) -> Result:
    return Result(task, f"task {task.arguments['number']}", "passed", cycles=1000)


def fails(task: Task) -> Result:
    return Result(task, "one that fails", "failed", ["3 was expected, 4 came"], ["scoreboard"])


def lacks_a_tool(task: Task) -> Result:
    raise MissingTool("hammer is not installed: apt install hammer")


def lacks_icarus(task: Task) -> Result:
    raise MissingTool("iverilog is not installed: apt install iverilog")


def is_refused(task: Task) -> Result:
    raise BadInput("width 65: at most 64 works")


def has_a_bug(task: Task) -> Result:
    raise ZeroDivisionError("division by zero")


def is_no_json(task: Task) -> Result:
    return Result(task, "no JSON", "passed", data={"path": Path()})


def is_killed(task: Task) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def crashes(task: Task) -> Result:
    ctypes.string_at(0)
    raise AssertionError


def waits(task: Task) -> Result:
    """Until a test says that it may go on; a program that it has started waits, too."""
    child = subprocess.Popen(["sleep", "1000"])
    (folder() / f"child-{task.arguments['number']}").write_text(str(child.pid))
    try:
        while not (folder() / "go").exists():
            time.sleep(0.02)
    finally:
        child.kill()
        child.wait()
    return passes(task)


DOES: dict[str, Callable[[Task], Result]] = {
    "passes": passes,
    "fails": fails,
    "lacks-a-tool": lacks_a_tool,
    "lacks-icarus": lacks_icarus,
    "is-refused": is_refused,
    "has-a-bug": has_a_bug,
    "is-no-json": is_no_json,
    "is-killed": is_killed,
    "crashes": crashes,
    "waits": waits,
}
