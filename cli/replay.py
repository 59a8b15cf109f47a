"""`spikelock replay`: regression cases, at any level."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from spikelock.models.errors import BadInput, MissingTool

from . import own_verilog
from .outcome import Outcome

if TYPE_CHECKING:  # imported where it is used, so that --help needs no tools
    from spikelock.testbenches.regression_cases import RegressionCase

NAME = "replay"
HELP = "Run a kept failure again, at every level: it fails until the core is mended, and passes from then on."
EXAMPLES = (
    "spikelock replay build/failures/neurons.lif-default-rtl.json",
    "spikelock replay case.json --levels rtl,cocotb,netlist",
    "spikelock replay case.json --levels rtl --plant above-threshold",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CASE…, --levels, --plant, --failures; a module in the place of the core."""
    command.add_argument(
        "cases", metavar="CASE", nargs="+", help="files that 'spikelock verify' and 'spikelock prove' keep"
    )
    command.add_argument("--levels", metavar="A,B", help="only these levels, such as rtl,cocotb")
    command.add_argument(
        "--plant", metavar="BUG", help="put this known bug into the cores first, to see the cases fail"
    )
    command.add_argument(
        "--failures", metavar="DIR", default="build/failures", help="folder for waves of what fails"
    )
    own_verilog.add_arguments(command)


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each case, what was once wrong with it, and what becomes of it at each level."""
    from spikelock.testbenches.levels import LEVELS, level_names
    from spikelock.testbenches.regression_cases import load

    levels = level_names(arguments.levels) if arguments.levels else list(LEVELS)
    for level in levels:
        if level not in LEVELS:
            raise BadInput(f"--levels {level}: no level is called so; a core runs at {', '.join(LEVELS)}")
    cases = {file: load(file) for file in arguments.cases}
    module = own_verilog.module(arguments) if own_verilog.is_asked(arguments) else None
    if module and arguments.plant:
        raise BadInput("--plant and --verilog do not go together: leave out one of them")
    rows: list[dict[str, Any]] = []
    for file, case in cases.items():
        screen.print(f"[bold]{escape(file)}[/]: {case.core.name}, {case.size}", soft_wrap=True)
        found = case.found
        screen.print(escape(f"  once {found.detector} at {found.level}: {found.says}"), soft_wrap=True)
        screen.print(escape(f"  from {found.origin}"), soft_wrap=True)
        component = module.component_for(case) if module else _broken(case, arguments.plant)
        options = module.options if module else f"--plant {arguments.plant}" if arguments.plant else ""
        rows += [_replay(file, case, level, component, options, arguments, screen) for level in levels]
    if all("not_run" in row for row in rows):
        raise MissingTool("nothing was run: the tools of all levels are missing; the messages say which")
    passed = all(row.get("passed", True) for row in rows)
    screen.print(f"[bold]{'PASSED' if passed else 'FAILED'}[/]")
    return Outcome(0 if passed else 1, {"passed": passed, "results": rows})


def _replay(
    file: str,
    case: RegressionCase,
    level: str,
    component: Any,
    options: str,
    arguments: argparse.Namespace,
    screen: Console,
) -> dict[str, Any]:
    """Replays at a level; prints and returns what came of it."""
    from spikelock.testbenches.regression_cases import replay

    what = {"case": file, "core": case.core.name, "level": level}
    try:
        waves = Path(arguments.failures) / f"{Path(file).stem}-{level}"
        result = replay(case, level, component=component, waves=waves)
    except MissingTool as missing:
        screen.print(escape(f"  {level}: NOT RUN: {missing}"), soft_wrap=True)
        return {**what, "not_run": str(missing)}
    screen.print(escape(f"  {level}: {result}"), soft_wrap=True)
    for problem in result.problems:
        screen.print(escape(f"    {problem}"), soft_wrap=True)
    if result.waves is not None:
        screen.print(escape(f"    waves: {result.waves}"), soft_wrap=True)
    if not result.passed:
        again = ["spikelock", "replay", file, "--levels", level, *shlex.split(options)]
        screen.print(escape(f"    again: {shlex.join(again)}"), soft_wrap=True)
    return {
        **what,
        "passed": result.passed,
        "as_recorded": result.as_recorded,
        "detectors": [problem.detector for problem in result.problems],
        "problems": list(result.problems),
        "waves": str(result.waves) if result.waves else None,
    }


def _broken(case: RegressionCase, bug: str | None) -> Any:
    """The case's core with a known bug; None without one."""
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.known_bugs.judging import find_bug

    if bug is None:
        return None
    return find_bug(find_bench(case.core.name), bug).mutant.component(case.core.name, case.params)
