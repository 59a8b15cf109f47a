"""`spikelock verify`: the benches of cores."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from spikelock.models.core import all_cores, find_core, twin
from spikelock.models.errors import BadInput, MissingTool

from .outcome import Outcome
from .progress import progress_bars

NAME = "verify"
HELP = "Run the bench of cores: every case at every level, held against the exact reference."
EXAMPLES = (
    "spikelock verify",
    "spikelock verify neurons.lif --levels engine,rtl --seed 7 --size 100000",
    "spikelock verify neurons.lif --case published --levels cocotb --size 500",
    "spikelock verify neurons.lif --levels rtl --code-coverage",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, --levels, --case, --seed, --size, --code-coverage, --failures."""
    command.add_argument("cores", metavar="CORE", nargs="*", help="cores; without any, all that have a bench")
    command.add_argument(
        "--levels",
        metavar="A,B",
        help="only these levels, such as engine,rtl (default all but the reference)",
    )
    command.add_argument("--case", metavar="NAME", help="only the case of this name")
    command.add_argument("--seed", type=int, default=0, help="of stimuli, stalls and resets (default 0)")
    command.add_argument(
        "--size", type=int, default=300, metavar="N", help="transactions of a case (default 300)"
    )
    command.add_argument(
        "--code-coverage",
        action="store_true",
        help="collect line, branch and port-toggle coverage, and list lines and branches missed",
    )
    command.add_argument(
        "--failures", metavar="DIR", default="build/failures", help="folder for waves of what fails"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each failure as it comes, then a table of cases and levels, coverage, and the verdict."""
    from spikelock.testbenches.levels import LEVELS

    names = [find_core(name).name for name in arguments.cores] or [
        core.name for core in all_cores() if find_spec(_bench_module(core.name))
    ]
    compared = [level for level in LEVELS if level != "reference"]
    levels = arguments.levels.split(",") if arguments.levels else compared
    for level in levels:
        if level not in compared:
            raise BadInput(f"--levels {level}: {', '.join(compared)} can be held against the reference")
    if arguments.size < 1 or arguments.seed < 0:
        raise BadInput(
            f"--size {arguments.size}, --seed {arguments.seed}: 1 or more, and 0 or more, are needed"
        )
    benches = {name: twin(name, "testbenches").BENCH for name in names}
    cases = {
        name: [bench.case(arguments.case)] if arguments.case else list(bench.cases)
        for name, bench in benches.items()
    }

    screen.print(f"seed {arguments.seed}, about {arguments.size} transactions a case")
    results: list[dict[str, Any]] = []
    holes: dict[str, list[str]] = {}
    code: dict[str, list[dict[str, Any]]] = {}
    table = Table("core", "case", *levels)
    with progress_bars(screen) as bars:
        for name, bench in benches.items():
            task = bars.add_task(name, total=len(cases[name]) * len(levels))
            checked = []
            for case in cases[name]:
                cells = []
                for level in levels:
                    result, row = _check(bench, case, level, arguments, screen)
                    checked += [result] if result is not None else []
                    results.append(row)
                    cells.append(_cell(row))
                    bars.advance(task)
                table.add_row(name, case.name, *cells)
            if checked and not arguments.case:
                holes[name] = _holes(bench, checked)
            code[name] = _code_coverage(checked)
    screen.print(table)
    for name, problems in holes.items():
        screen.print(f"{name}: functional coverage {'INCOMPLETE' if problems else 'complete'}")
        for problem in problems:
            screen.print(f"  {problem}", soft_wrap=True)
    for name, designs in code.items():
        for design in designs:
            _show_code_coverage(name, design, screen)
    if all("not_run" in result for result in results):
        raise MissingTool(
            "nothing was run: the tools of all these levels are missing; the messages say which"
        )
    passed = all(result.get("passed", True) for result in results) and not any(holes.values())
    screen.print(f"[bold]{'PASSED' if passed else 'FAILED'}[/]")
    data: dict[str, Any] = {"passed": passed, "seed": arguments.seed, "size": arguments.size}
    data |= {"results": results, "coverage_holes": holes, "code_coverage": code}
    return Outcome(0 if passed else 1, data)


def _check(
    bench: Any, case: Any, level: str, arguments: argparse.Namespace, screen: Console
) -> tuple[Any, dict[str, Any]]:
    """The result of a case at a level, None where it was not run; and the same as data."""
    from spikelock.testbenches.bench import check

    what = {"core": bench.core.name, "case": case.name, "level": level}
    folder = Path(arguments.failures)
    try:
        result = check(
            bench,
            case,
            level,
            seed=arguments.seed,
            size=arguments.size,
            code=arguments.code_coverage,
            waves=folder,
        )
    except MissingTool as missing:
        screen.print(f"{bench.core.name}, case {case.name}, at {level}: NOT RUN: {missing}", soft_wrap=True)
        return None, {**what, "not_run": str(missing)}
    if not result.passed:
        screen.print(str(result), soft_wrap=True)
    return result, {
        **what,
        "passed": result.passed,
        "transactions": result.transactions,
        "problems": list(result.problems),
        "again": result.command,
        "waves": str(result.waves) if result.waves else None,
    }


def _cell(row: dict[str, Any]) -> str:
    if "not_run" in row:
        return "NOT RUN"
    return f"{row['transactions']:,}" if row["passed"] else "FAILED"


def _holes(bench: Any, results: list[Any]) -> list[str]:
    """What the cases should have reached together, and did not."""
    from spikelock.testbenches.bench import coverage

    return list(coverage(bench, results).problems())


def _code_coverage(results: list[Any]) -> list[dict[str, Any]]:
    """Of each design, merged over the cases and levels that ran it: reached, total and what is missing."""
    from spikelock.testbenches.bench import code_coverage

    return [{"summary": one.summary(), "missing": one.missing()} for one in code_coverage(results)]


def _show_code_coverage(core: str, design: dict[str, Any], screen: Console) -> None:
    reached = ", ".join(f"{kind} {hit} of {total}" for kind, (hit, total) in design["summary"].items())
    screen.print(f"{core}: code coverage: {reached}")
    for missing in design["missing"]:
        if not missing.startswith("toggle"):  # one for each bit and direction: those are for --json
            screen.print(f"  {missing}", soft_wrap=True)


def _bench_module(core: str) -> str:
    family, _, leaf = core.rpartition(".")
    return f"spikelock.testbenches.{family}.test_{leaf}"
