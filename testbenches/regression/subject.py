"""What a task judges: the core of that name, or a module that stands in its place."""

from __future__ import annotations

from spikelock.models.cache import key_of
from spikelock.testbenches.bench import Bench, find_bench
from spikelock.testbenches.own_verilog.judged import OwnVerilog

from .task import Task

MODULE = "module"
"""The argument of a task that holds, as JSON values, the module in the place of the core."""


def bench_of(task: Task) -> Bench:
    """The bench of the core, with the module that the task carries, where it carries one."""
    if (module := module_of(task)) is not None:
        return module.bench
    return find_bench(task.subject)


def model_of(core: str, level: str, params: object, broken: str = "") -> str:
    """Equal for tasks that build the same model. broken: what tells a core with a bug from a sound one."""
    return key_of(core, level, repr(params), broken)


def module_of(task: Task) -> OwnVerilog | None:
    """The module in the place of the core; None where the core itself is judged."""
    return OwnVerilog.from_json(task.arguments[MODULE]) if MODULE in task.arguments else None
