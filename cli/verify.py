"""`spikelock verify`: the regression of cores, and its verdict."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from spikelock.models.core import all_cores, find_core, has_twin
from spikelock.models.errors import BadInput, MissingTool

from .outcome import Outcome
from .progress import progress_bars
from .verify_tables import focused_table, show_failure, show_gates, stage_table

if TYPE_CHECKING:  # imported where they are used, so that other commands start quickly
    from spikelock.testbenches.regression.plan import Plan
    from spikelock.testbenches.regression.record import Finding
    from spikelock.testbenches.regression.run import Request

NAME = "verify"
HELP = "Run the regression of cores: every check of a stage, or chosen cases at chosen levels."
EXAMPLES = (
    "spikelock verify",
    "spikelock verify --stage full --jobs 2",
    "spikelock verify neurons.lif --stage full --resume",
    "spikelock verify --stage release --scheduler tcp://127.0.0.1:8786",
    "spikelock verify neurons.lif --levels engine,rtl --seed 7 --size 100000",
    "spikelock verify neurons.lif --case published --levels cocotb --size 500",
)
FOCUS = ("levels", "case", "size", "code_coverage")
"""Options that choose cases and levels of benches, in the place of a stage."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, the stage and how to run it, or the options of a focused run."""
    command.add_argument("cores", metavar="CORE", nargs="*", help="cores; without any, all that have a bench")
    command.add_argument(
        "--stage", metavar="STAGE", help="smoke, full or release (default smoke): how much is run"
    )
    command.add_argument("--checks", metavar="A,B", help="only these checks of the stage")
    command.add_argument("--task", metavar="KEY", help="only the task of this key, which a failure names")
    command.add_argument("--seed", type=int, default=0, help="of stimuli, stalls and resets (default 0)")
    command.add_argument("--plant", metavar="BUG", help="put a known bug into the hardware: must be found")
    running = command.add_argument_group("how it is run")
    running.add_argument("--jobs", type=int, metavar="N", help="tasks at a time (default: all processors)")
    running.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs the tasks")
    running.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    running.add_argument(
        "--report", metavar="DIR", help="folder of the report (default build/verify/STAGE): JSON, JUnit, page"
    )
    running.add_argument("--junit", metavar="FILE", help="also write JUnit XML to FILE")
    running.add_argument(
        "--failures", metavar="DIR", default="build/failures", help="folder for waves of what fails"
    )
    focus = command.add_argument_group("a focused run: chosen cases and levels of benches, without --stage")
    focus.add_argument("--levels", metavar="A,B", help="only these, such as engine,rtl (default all)")
    focus.add_argument("--case", metavar="NAME", help="only the case of this name")
    focus.add_argument("--size", type=int, metavar="N", help="transactions of a case (default 300)")
    focus.add_argument(
        "--code-coverage", action="store_true", help="collect line, branch and port-toggle coverage"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each failure as it comes, then a table, the gates, and the verdict."""
    from spikelock.testbenches.regression.failures import set_failures_folder
    from spikelock.testbenches.regression.junit import write_junit
    from spikelock.testbenches.regression.run import regress

    focused = _is_focused(arguments)
    stage = "focused" if focused else arguments.stage or "smoke"
    available = [core.name for core in all_cores() if has_twin(core.name, "testbenches")]
    cores = list(dict.fromkeys(find_core(name).name for name in arguments.cores)) or available
    plan = _focused_plan(cores, arguments) if focused else _stage_plan(cores, arguments, stage)
    request = _request(arguments, stage, cores, plan, set(cores) >= set(available))
    set_failures_folder(arguments.failures)
    screen.print(_opening(arguments, focused, plan), soft_wrap=True)
    with progress_bars(screen) as bars:
        bar = bars.add_task(stage, total=len(plan.tasks))

        def tell(finding: Finding) -> None:
            bars.advance(bar)
            show_failure(finding, screen)

        record = regress(request, plan, tell)
    if arguments.junit:
        write_junit(record, Path(arguments.junit))
    screen.print(focused_table(record) if focused else stage_table(record))
    if not focused:
        show_gates(record, screen)
    screen.print(f"[bold]{verdict(record)}[/]")
    if request.report is not None:
        screen.print(f"report: {request.report}", soft_wrap=True)
    counts = record["counts"]
    if not record["complete"]:
        goes_on = "; --resume goes on with it" if request.report is not None else ""
        print(f"spikelock: interrupted after {sum(counts.values())} results{goes_on}", file=sys.stderr)
        return Outcome(130, record)
    if not counts["passed"] and not counts["failed"]:
        raise MissingTool("nothing was run: the tools of all tasks are missing; the messages say which")
    return Outcome(0 if record["passed"] else 1, record)


def _request(
    arguments: argparse.Namespace, stage: str, cores: Sequence[str], plan: Plan, every_core: bool
) -> Request:
    """A stage leaves its report in a folder of its own; a focused run and a single task only where asked."""
    from spikelock.testbenches.regression.identity import identity
    from spikelock.testbenches.regression.run import Request

    report = Path(arguments.report) if arguments.report else None
    if report is None and stage != "focused" and not arguments.task:
        report = Path("build", "verify", "-".join([stage, *(plan.checks if arguments.checks else ())]))
    if arguments.resume and report is None:
        raise BadInput("--resume goes on with the run in a folder: name it with --report")
    about = {
        "stage": stage,
        "checks": list(plan.checks),
        "seed": arguments.seed,
        "plant": arguments.plant,
        "command": shlex.join(["spikelock", *sys.argv[1:]]),
    }
    return Request(
        stage,
        cores,
        every_core and not arguments.checks and not arguments.task,
        arguments.seed,
        {**identity(cores), **about},
        report,
        arguments.jobs or len(os.sched_getaffinity(0)),
        arguments.scheduler,
        arguments.resume,
    )


def _is_focused(arguments: argparse.Namespace) -> bool:
    """Whether cases and levels were chosen. Raises BadInput for options that do not go together."""
    chosen = [name for name in FOCUS if getattr(arguments, name)]
    if chosen and (arguments.stage or arguments.checks or arguments.task):
        option = f"--{chosen[0].replace('_', '-')}"
        raise BadInput(
            f"{option} chooses what a stage decides; leave out {option}, or --stage, --checks and --task"
        )
    for name, least in (("seed", 0), ("size", 1), ("jobs", 1)):
        value = getattr(arguments, name)
        if value is not None and value < least:
            raise BadInput(f"--{name} {value}: {least} or more are needed")
    return bool(chosen)


def _stage_plan(cores: Sequence[str], arguments: argparse.Namespace, stage: str) -> Plan:
    from spikelock.testbenches.regression.discovery import check_names, find_check
    from spikelock.testbenches.regression.plan import make_plan, only
    from spikelock.testbenches.regression.task import STAGES

    if stage not in STAGES:
        raise BadInput(f"--stage {stage}: the stages are {', '.join(STAGES)}")
    checks = arguments.checks.split(",") if arguments.checks else check_names()
    for name in checks:
        if name not in check_names():
            find_check(name)  # says which there are
    plan = make_plan(cores, stage, arguments.seed, checks)
    return only(plan, arguments.task) if arguments.task else plan


def _focused_plan(cores: Sequence[str], arguments: argparse.Namespace) -> Plan:
    """Bench tasks of the chosen cases and levels."""
    from spikelock.models.core import twin
    from spikelock.testbenches.regression.checks import bench
    from spikelock.testbenches.regression.plan import Plan

    compared = bench.compared_levels()
    levels = arguments.levels.split(",") if arguments.levels else compared
    for level in levels:
        if level not in compared:
            raise BadInput(f"--levels {level}: {', '.join(compared)} can be held against the reference")
    size = arguments.size or bench.SMALL
    tasks = []
    for core in cores:
        declared = twin(core, "testbenches").BENCH
        cases = [declared.case(arguments.case)] if arguments.case else declared.cases
        tasks += [
            (core, bench.task(core, case.name, level, arguments.seed, size, arguments.code_coverage))
            for case in cases
            for level in levels
        ]
    return Plan("smoke", ["bench"], tasks)


def _opening(arguments: argparse.Namespace, focused: bool, plan: Plan) -> str:
    if focused:
        return f"seed {arguments.seed}, about {arguments.size or 300} transactions a case"
    return f"stage {plan.stage}, seed {arguments.seed}: {len(plan.tasks)} tasks"


def verdict(record: dict[str, Any]) -> str:
    """In a word, and how many gates it fails."""
    if not record["complete"]:
        return "INTERRUPTED"
    if record["passed"]:
        return "PASSED"
    missed = sum(not gate["passed"] for gate in record["gates"])
    return f"FAILED: {missed} of {len(record['gates'])} gates"
