"""What `spikelock verify` is asked for: a stage, one task of it, chosen cases of benches, or a known bug."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spikelock.models.core import all_cores, find_cores, has_twin
from spikelock.models.errors import BadInput

from . import own_verilog

if TYPE_CHECKING:  # imported where it is used, so that other commands start quickly
    from spikelock.testbenches.own_verilog.judged import OwnVerilog
    from spikelock.testbenches.regression.plan import Plan

FOCUS = ("levels", "case", "size", "code_coverage")
"""Options that choose cases and levels of benches, in the place of a stage."""

OF_A_STAGE = ("stage", "checks", "task")
LEAST = {"seed": 0, "size": 1, "jobs": 1}


@dataclass(frozen=True)
class Choice:
    """name: the stage, "focused", or "planted". says: the first line on the screen. report: its folder.

    everything: all checks of all cores. module: that is judged in the place of the core.
    """

    name: str
    cores: Sequence[str]
    plan: Plan
    says: str
    report: Path | None = None
    everything: bool = False
    module: OwnVerilog | None = None


def choose(arguments: argparse.Namespace) -> Choice:
    """Raises BadInput for options that are out of range, unknown, or do not go together."""
    for name, least in LEAST.items():
        value = getattr(arguments, name)
        if value is not None and value < least:
            raise BadInput(f"--{name} {value}: {least} or more are needed")
    available = [core.name for core in all_cores() if has_twin(core.name, "testbenches")]
    cores = [core.name for core in find_cores(arguments.cores)] or available
    focus = [name for name in FOCUS if getattr(arguments, name)]
    of_a_stage = [name for name in OF_A_STAGE if getattr(arguments, name)]
    kinds = [names for names in (focus, of_a_stage, ["plant"] if arguments.plant else []) if names]
    if own_verilog.is_asked(arguments):
        kinds = [["verilog"], *(names for names in kinds if names is not focus)]
    if len(kinds) > 1:
        one, other = (f"--{names[0].replace('_', '-')}" for names in kinds[:2])
        raise BadInput(f"{one} and {other} do not go together: leave out one of them")
    report = Path(arguments.report) if arguments.report else None
    if arguments.verilog:
        choice = _own_verilog(arguments, report)
    elif arguments.plant:
        choice = _planted(arguments, cores, report)
    elif focus:
        choice = _focused(arguments, cores, report)
    else:
        choice = _stage(arguments, cores, report, set(cores) >= set(available))
    if arguments.resume and choice.report is None:
        raise BadInput("--resume goes on with the run in a folder: name it with --report")
    return choice


def _stage(arguments: argparse.Namespace, cores: Sequence[str], report: Path | None, every: bool) -> Choice:
    """Without --report, a stage leaves its report in a folder of its own, and a single task leaves none."""
    from spikelock.testbenches.regression.discovery import check_names, find_check
    from spikelock.testbenches.regression.plan import make_plan, only
    from spikelock.testbenches.regression.task import STAGES

    stage = arguments.stage or STAGES[0]
    if stage not in STAGES:
        raise BadInput(f"--stage {stage}: the stages are {', '.join(STAGES)}")
    checks = arguments.checks.split(",") if arguments.checks else check_names()
    for name in checks:
        if name not in check_names():
            find_check(name)  # says which there are
    if arguments.task:  # a key begins with its check: no need to plan the others
        checks = [name for name in checks if arguments.task.startswith(f"{name}-")]
    plan = make_plan(cores, stage, arguments.seed, checks)
    if arguments.task:
        plan = only(plan, arguments.task)
    elif report is None:
        report = Path("build", "verify", "-".join([stage, *(checks if arguments.checks else ())]))
    says = f"stage {stage}, seed {arguments.seed}: {len(plan.tasks)} tasks"
    everything = every and not arguments.checks and not arguments.task
    return Choice(stage, cores, plan, says, report, everything)


def _focused(arguments: argparse.Namespace, cores: Sequence[str], report: Path | None) -> Choice:
    """Bench tasks of the chosen cases and levels."""
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.regression.checks import bench
    from spikelock.testbenches.regression.plan import Plan

    levels = _levels(arguments, bench.compared_levels())
    size = arguments.size or bench.SMALL
    tasks = []
    for core in cores:
        declared = find_bench(core)
        cases = [declared.case(arguments.case)] if arguments.case else declared.cases
        tasks += [
            (core, bench.task(core, case.name, level, arguments.seed, size, arguments.code_coverage))
            for case in cases
            for level in levels
        ]
    says = f"seed {arguments.seed}, about {size} transactions a case"
    together = [] if arguments.case else ["coverage"]  # what all cases must reach, not one of them
    plan = Plan("smoke", ["bench", *together], tasks, concluding=together)
    return Choice("focused", cores, plan, says, report)


def _own_verilog(arguments: argparse.Namespace, report: Path | None) -> Choice:
    """The cases that are possible with the module, at the chosen levels of hardware."""
    from spikelock.testbenches.levels import HARDWARE
    from spikelock.testbenches.regression.checks import bench
    from spikelock.testbenches.regression.plan import Plan

    module = own_verilog.module(arguments)
    levels, size = _levels(arguments, HARDWARE), arguments.size or bench.SMALL
    cases = [module.bench.case(arguments.case)] if arguments.case else module.bench.cases
    tasks = [
        (
            module.core,
            bench.task(
                module.core, case.name, level, arguments.seed, size, arguments.code_coverage, module=module
            ),
        )
        for case in cases
        for level in levels
    ]
    says = f"{module.says}\nseed {arguments.seed}, about {size} transactions a case"
    return Choice("focused", [module.core], Plan("smoke", ["bench"], tasks), says, report, module=module)


def _levels(arguments: argparse.Namespace, known: Sequence[str]) -> list[str]:
    """The chosen levels. Raises BadInput for one that is not among the known."""
    from spikelock.testbenches.levels import level_names

    levels = level_names(arguments.levels) if arguments.levels else list(known)
    for level in levels:
        if level not in known:
            raise BadInput(f"--levels {level}: {', '.join(known)} can be held against the reference")
    return levels


def _planted(arguments: argparse.Namespace, cores: Sequence[str], report: Path | None) -> Choice:
    """The known bug, in every one of the cores that has it."""
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.regression.checks import known_bugs
    from spikelock.testbenches.regression.plan import Plan

    bugs = {core: [bug.name for bug in find_bench(core).bugs] for core in cores}
    having = [core for core, names in bugs.items() if arguments.plant in names]
    if not having:
        known = "; ".join(f"{core} has {', '.join(names) or 'none'}" for core, names in bugs.items())
        raise BadInput(f"--plant {arguments.plant}: there is no such bug; {known}")
    tasks = [(core, known_bugs.planted(core, arguments.plant, arguments.seed)) for core in having]
    says = f"{arguments.plant} planted in {', '.join(having)}, seed {arguments.seed}"
    return Choice("planted", having, Plan("smoke", ["known_bugs"], tasks), says, report)
