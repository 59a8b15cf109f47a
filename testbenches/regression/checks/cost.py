"""What cores cost on FPGAs, held against the figures that are kept and what the core promises."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path

from spikelock.models.core import find_core
from spikelock.testbenches.netlist import cost
from spikelock.testbenches.netlist.cost import Cost

from ..task import Result, Stage, Task

TITLE = "Hardware cost"

KEPT = Path(__file__).resolve().parents[3] / "docs" / "cost"
"""Figures of each release; an installed package has none, and then holds the core to its promises alone."""

SECONDS = 40.0
"""About what a task takes."""

DETECTOR = "cost"


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a configuration and device; at `full` what is default or promised, on an HX8K, with one seed."""
    if stage == "smoke":
        return []
    found = find_core(core)
    seeds = list(cost.SEEDS if stage == "release" else cost.SEEDS[:1])
    return [
        Task("cost", core, {"configuration": name, "device": device, "seeds": seeds})
        for name in cost.configurations(found)
        for device in (cost.devices_of(name) if stage == "release" else ["hx8k"])
        if stage == "release" or name == cost.DEFAULT or cost.limits_of(found, name, device)
    ]


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return SECONDS


def run(task: Task) -> Result:
    """Data: the figures, and those that are kept."""
    configuration, device = task.arguments["configuration"], task.arguments["device"]
    core = find_core(task.subject)
    now = cost.measure(core, configuration, device, task.arguments["seeds"])
    kept = kept_costs().get(now.name)
    problems = cost.problems_of(now, kept, cost.limits_of(core, configuration, device))
    return Result(
        task,
        f"configuration {configuration} on {device}",
        "failed" if problems else "passed",
        problems,
        [DETECTOR] * len(problems),
        f"spikelock cost {task.subject} --configuration {configuration} --device {device}",
        data={**asdict(now), "mhz": now.mhz, "kept": {**asdict(kept), "mhz": kept.mhz} if kept else None},
    )


@cache
def kept_costs() -> dict[tuple[str, str, str], Cost]:
    """The newest figures that are kept."""
    files = cost.releases(KEPT)
    return {one.name: one for one in cost.read_costs(files[-1])} if files else {}
