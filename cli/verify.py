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

NAME = "verify"
HELP = "Run the bench of cores: every case at every level, held against the exact reference."
EXAMPLES = (
    "spikelock verify",
    "spikelock verify neurons.lif --levels engine,rtl --seed 7 --size 100000",
    "spikelock verify neurons.lif --case published --levels cocotb --size 500",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, --levels, --case, --seed, --size, --failures."""
    command.add_argument("cores", metavar="CORE", nargs="*", help="cores; without any, all that have a bench")
    command.add_argument(
        "--levels", metavar="A,B", help="only these levels, such as engine,rtl (default all)"
    )
    command.add_argument("--case", metavar="NAME", help="only the case of this name")
    command.add_argument("--seed", type=int, default=0, help="of stimuli, stalls and resets (default 0)")
    command.add_argument(
        "--size", type=int, default=300, metavar="N", help="transactions of a case (default 300)"
    )
    command.add_argument(
        "--failures", metavar="DIR", default="build/failures", help="folder for waves of what fails"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each failure as it comes, then a table of cases and levels, coverage, and the verdict."""
    from spikelock.testbenches.bench import check, coverage
    from spikelock.testbenches.levels import LEVELS

    names = [find_core(name).name for name in arguments.cores] or [
        core.name for core in all_cores() if find_spec(_bench_module(core.name))
    ]
    levels = arguments.levels.split(",") if arguments.levels else list(LEVELS)
    for level in levels:
        if level not in LEVELS:
            raise BadInput(f"no level is called {level!r}; a core runs at {', '.join(LEVELS)}")
    if arguments.size < 1 or arguments.seed < 0:
        raise BadInput(
            f"--size {arguments.size}, --seed {arguments.seed}: 1 or more, and 0 or more, are needed"
        )

    screen.print(f"seed {arguments.seed}, about {arguments.size} transactions a case")
    table = Table("core", "case", *levels)
    data: dict[str, Any] = {"seed": arguments.seed, "size": arguments.size, "results": [], "coverage": []}
    good = True
    for name in names:
        bench = twin(name, "testbenches").BENCH
        cases = [bench.case(arguments.case)] if arguments.case else bench.cases
        results = []
        for case in cases:
            cells = []
            for level in levels:
                try:
                    result = check(
                        bench,
                        case,
                        level,
                        seed=arguments.seed,
                        size=arguments.size,
                        waves=Path(arguments.failures),
                    )
                except MissingTool as missing:
                    cells.append("NOT RUN")
                    data["results"].append(
                        {"core": name, "case": case.name, "level": level, "not_run": str(missing)}
                    )
                    screen.print(f"{name}, case {case.name}, at {level}: NOT RUN: {missing}", soft_wrap=True)
                    continue
                results.append(result)
                good &= result.passed
                cells.append(f"{result.transactions:,}" if result.passed else "FAILED")
                data["results"].append(_data(result))
                if not result.passed:
                    screen.print(str(result), soft_wrap=True)
            table.add_row(name, case.name, *cells)
        if not arguments.case and results:
            group = coverage(bench, results)
            holes = group.problems()
            good &= not holes
            data["coverage"].append({"core": name, "hits": group.hits, "holes": holes})
            screen.print(f"{name}: functional coverage {'complete' if not holes else 'INCOMPLETE'}")
            for hole in holes:
                screen.print(f"  {hole}", soft_wrap=True)
    screen.print(table)
    run_something = any("passed" in result for result in data["results"])
    if not run_something:
        raise MissingTool(
            "nothing was run: the tools of all these levels are missing; the messages say which"
        )
    screen.print("[bold]PASSED[/]" if good else "[bold]FAILED[/]")
    return Outcome(0 if good else 1, {"passed": good, **data})


def _bench_module(core: str) -> str:
    family, _, leaf = core.rpartition(".")
    return f"spikelock.testbenches.{family}.test_{leaf}"


def _data(result: Any) -> dict[str, Any]:
    return {
        "core": result.core,
        "case": result.case,
        "level": result.level,
        "passed": result.passed,
        "transactions": result.transactions,
        "problems": list(result.problems),
        "again": result.command,
        "waves": str(result.waves) if result.waves else None,
    }
