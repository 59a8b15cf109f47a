"""`spikelock prove`: the proofs of cores."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from spikelock.models.errors import BadInput, MissingTool

from .outcome import Outcome

NAME = "prove"
HELP = "Prove the properties of cores, and of the parts of a board, for every run from reset."
EXAMPLES = ("spikelock prove", "spikelock prove neurons", "spikelock prove board --json proofs.json")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, --jobs, --failures."""
    command.add_argument(
        "cores",
        metavar="CORE",
        nargs="*",
        help="cores, families, or board: the parts of a board; without any, all that have proofs",
    )
    command.add_argument("--jobs", type=int, default=2, metavar="N", help="proofs at a time (default 2)")
    command.add_argument(
        "--failures", metavar="DIR", default="build/failures", help="folder for the waves of counterexamples"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints each proof with its verdict, and counterexamples as tables."""
    from spikelock.formal.proof import subjects
    from spikelock.formal.runner import prove_all

    if arguments.jobs < 1:
        raise BadInput(f"--jobs {arguments.jobs}: 1 or more are needed")
    names = subjects(arguments.cores)
    folder, rows = Path(arguments.failures), dict[str, Any]()

    def tell(result: Any) -> None:
        _tell(result, screen)
        case = _keep(result, folder, screen) if result.status == "failed" and result.counterexample else None
        rows[str(result.proof)] = {**_data(result), "case": None if case is None else str(case)}

    results = prove_all(names, folder, arguments.jobs, tell)
    good = sum(result.holds for result in results)
    unbounded = sum(result.status == "proved" for result in results)
    verdict = "PROVED" if good == len(results) else "NOT PROVED"
    screen.print(f"[bold]{verdict}[/]: {good} of {len(results)} proofs hold, {unbounded} of them unbounded")
    return Outcome(
        0 if good == len(results) else 1, {"proofs": [rows[str(result.proof)] for result in results]}
    )


def _tell(result: Any, screen: Console) -> None:
    """Verdict, covers, what it says, and what went wrong."""
    covers = f"covers {len(result.covers)} of {len(result.covers) + len(result.missing)}"
    seconds = f"{result.seconds:.1f} s{', kept from an earlier run' if result.kept else ''}"
    screen.print(f"[bold]{result.proof}[/]: {result.verdict}; {covers}; {seconds}", soft_wrap=True)
    screen.print(f"  {result.proof.says}", soft_wrap=True)
    if result.reason:
        screen.print(f"  {result.reason}", soft_wrap=True)
    if result.missing:
        screen.print(f"  covers not reached: {', '.join(result.missing)}", soft_wrap=True)
    if result.counterexample is not None:
        screen.print(str(result.counterexample), soft_wrap=True)


def _keep(result: Any, folder: Path, screen: Console) -> Path | None:
    """Makes a regression case of the counterexample, and says how it is replayed, or why it cannot be."""
    from spikelock.formal.proof import is_part_of_board
    from spikelock.testbenches.regression_cases.counterexamples import store_counterexample

    if is_part_of_board(result.proof.core):
        screen.print(
            "  no case is kept: a part of a board has no bench; the wave shows the run", soft_wrap=True
        )
        return None
    try:
        case = store_counterexample(result.proof, folder)
    except MissingTool as missing:
        screen.print(f"  not replayed: {missing}", soft_wrap=True)
        return None
    if case is None:
        screen.print("  no case is kept: it is not visible at the ports", soft_wrap=True)
    else:
        screen.print(escape(f"  case: {case}"), soft_wrap=True)
        screen.print(escape(f"  again: spikelock replay {shlex.quote(str(case))}"), soft_wrap=True)
    return case


def _data(result: Any) -> dict[str, Any]:
    return {
        "core": result.proof.core,
        "name": result.proof.name,
        "says": result.proof.says,
        "status": result.status,
        "verdict": result.verdict,
        "reason": result.reason,
        "covers": dict(result.covers),
        "covers_missing": list(result.missing),
        "seconds": result.seconds,
        "kept": result.kept,
    }
