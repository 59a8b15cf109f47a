"""`spikelock verify`: the regression of cores, and its verdict."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from spikelock.models.errors import MissingTool

from . import own_verilog
from .outcome import Outcome
from .progress import progress_bars
from .verify_choice import Choice, choose
from .verify_tables import focused_table, show_conclusions, show_failure, show_gates, stage_table

if TYPE_CHECKING:  # imported where they are used, so that other commands start quickly
    from spikelock.testbenches.regression.record import Finding
    from spikelock.testbenches.regression.run import Request

NAME = "verify"
HELP = "Run the regression of cores: every check of a stage, or chosen cases at chosen levels."
EXAMPLES = (
    "spikelock verify",
    "spikelock verify --stage full --jobs 2",
    "spikelock verify neurons --stage full --resume",
    "spikelock verify --stage release --scheduler tcp://127.0.0.1:8786",
    "spikelock verify neurons.lif --levels engine,rtl --seed 7 --size 100000",
    "spikelock verify neurons.lif --case published --levels cocotb --size 500",
    "spikelock verify --verilog my_lif.sv --top my_lif --as neurons.lif --map my_lif.toml",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, the stage and how to run it, or the options of a focused run."""
    command.add_argument(
        "cores", metavar="CORE", nargs="*", help="cores or families; without any, all that have a bench"
    )
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
    own_verilog.add_arguments(command)
    own_verilog.add_draft_argument(command)


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each failure as it comes, then a table, the gates, and the verdict."""
    from spikelock.testbenches.regression.failures import set_failures_folder
    from spikelock.testbenches.regression.junit import write_junit
    from spikelock.testbenches.regression.run import regress

    if arguments.draft_map and own_verilog.is_asked(arguments):
        return own_verilog.draft_map(arguments, screen)
    choice = choose(arguments)
    request = _request(arguments, choice)
    set_failures_folder(arguments.failures)
    screen.print(choice.says, soft_wrap=True)
    with progress_bars(screen) as bars, _termination_as_interruption():
        bar = bars.add_task(choice.name, total=len(choice.plan.tasks))

        def tell(finding: Finding) -> None:
            bars.advance(bar)
            show_failure(finding, screen)

        record = regress(request, choice.plan, tell)
    if arguments.junit:
        write_junit(record, Path(arguments.junit))
    _show(record, choice, screen)
    counts = record["counts"]
    if not record["complete"]:
        goes_on = "; --resume goes on with it" if choice.report is not None else ""
        print(f"spikelock: interrupted after {sum(counts.values())} results{goes_on}", file=sys.stderr)
        return Outcome(130, record)
    if not counts["passed"] and not counts["failed"]:
        raise MissingTool("nothing was run: the tools of all tasks are missing; the messages say which")
    return Outcome(0 if record["passed"] else 1, record)


@contextmanager
def _termination_as_interruption() -> Iterator[None]:
    """Inside, SIGTERM, with which build servers stop what takes too long, is the same as Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _request(arguments: argparse.Namespace, choice: Choice) -> Request:
    from spikelock.testbenches.regression.identity import identity
    from spikelock.testbenches.regression.run import Request

    about = {
        "stage": choice.name,
        "checks": list(choice.plan.checks),
        "seed": arguments.seed,
        "plant": arguments.plant,
        "command": shlex.join(["spikelock", *sys.argv[1:]]),
    }
    if choice.module:
        about["rtl"] = {choice.module.core: choice.module.key}
    return Request(
        choice.name,
        choice.cores,
        choice.everything,
        arguments.seed,
        {**identity(choice.cores), **about},
        choice.report,
        arguments.jobs or len(os.sched_getaffinity(0)),
        arguments.scheduler,
        arguments.resume,
    )


def _show(record: dict[str, Any], choice: Choice, screen: Console) -> None:
    """The table, the gates of a stage, and the verdict."""
    if choice.name == "focused":
        screen.print(focused_table(record))
        show_conclusions(record, screen)
    else:
        screen.print(stage_table(record))
        show_gates(record, screen)
    screen.print(f"[bold]{_verdict(record)}[/]")
    if choice.report is not None:
        screen.print(f"report: {choice.report}", soft_wrap=True)


def _verdict(record: dict[str, Any]) -> str:
    if not record["complete"]:
        return "INTERRUPTED"
    if record["passed"]:
        return "PASSED"
    missed = sum(not gate["passed"] for gate in record["gates"])
    return f"FAILED: {missed} of {len(record['gates'])} gates"
