"""What a task judges: the core of that name, or a module that stands in its place."""

from __future__ import annotations

from spikelock.models.core import twin
from spikelock.testbenches.bench import Bench
from spikelock.testbenches.own_verilog.judged import OwnVerilog

from .task import Task

MODULE = "module"
"""The argument of a task that holds, as JSON values, the module in the place of the core."""


def bench_of(task: Task) -> Bench:
    """The bench of the core, with the module that the task carries, where it carries one."""
    if (module := module_of(task)) is not None:
        return module.bench
    bench: Bench = twin(task.subject, "testbenches").BENCH
    return bench


def module_of(task: Task) -> OwnVerilog | None:
    """The module in the place of the core; None where the core itself is judged."""
    return OwnVerilog.from_json(task.arguments[MODULE]) if MODULE in task.arguments else None
