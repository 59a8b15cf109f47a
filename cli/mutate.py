"""`spikelock mutate`: how many mutants of its RTL the bench of a core kills."""

from __future__ import annotations

import argparse
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from spikelock.models.core import find_core
from spikelock.models.errors import BadInput

from . import own_verilog
from .outcome import Outcome
from .progress import progress_bars

if TYPE_CHECKING:  # imported where they are used, as they need the tools
    from spikelock.testbenches.bench import Bench
    from spikelock.testbenches.mutation.campaign import Fate, ShareResult
    from spikelock.testbenches.mutation.proofs import ProofView
    from spikelock.testbenches.mutation.score import Score

NAME = "mutate"
HELP = "Change the RTL of a core in many places, one at a time: its bench must notice."
EXAMPLES = (
    "spikelock mutate neurons.lif",
    "spikelock mutate fabric.tile --mutants 2000 --seed 7 --json mutants.json",
    "spikelock mutate neurons.lif --mutants 100 --proofs 3",
    "spikelock mutate fabric.tile --seed 3 --keep testbenches/fabric/cases/tile/mutants",
    "spikelock mutate --verilog lif.v --as neurons.lif --map lif.toml",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE, --mutants, --seed, --size, --jobs, --proofs, --keep; --verilog, --top, --as, --map."""
    command.add_argument("cores", metavar="CORE", nargs="?", default="", help="such as neurons.lif")
    command.add_argument("--mutants", type=int, default=1000, metavar="N", help="mutants (default 1000)")
    command.add_argument("--seed", type=int, default=0, help="of mutants and stimuli (default 0)")
    command.add_argument(
        "--size", type=int, default=2000, metavar="N", help="transactions of a case, about (default 2000)"
    )
    command.add_argument("--jobs", type=int, default=2, metavar="N", help="parallel processes (default 2)")
    command.add_argument(
        "--proofs",
        type=int,
        nargs="?",
        const=3,
        default=0,
        metavar="N",
        help="also try each proof of the core on N mutants (default 3)",
    )
    command.add_argument(
        "--keep", metavar="DIR", help="write each stimulus that shows a survivor as a small regression case"
    )
    own_verilog.add_arguments(command)


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints the survivors with their source lines, a table by module, the scores and the verdict."""
    if arguments.jobs < 1 or arguments.proofs < 0:
        raise BadInput(
            f"--jobs {arguments.jobs}, --proofs {arguments.proofs}: 1 or more, and 0 or more, work"
        )
    module = own_verilog.module(arguments) if own_verilog.is_asked(arguments) else None
    if module is not None and arguments.proofs:
        raise BadInput("--proofs: the proofs are of the core's own hardware, not of a module in its place")
    if module is None and not arguments.cores:
        raise BadInput("no core is given; spikelock mutate neurons.lif works")
    from spikelock.testbenches.bench import find_bench
    from spikelock.testbenches.lockstep.parallel import in_processes
    from spikelock.testbenches.mutation.campaign import run_named_share, survivors
    from spikelock.testbenches.mutation.report import by_module, survivor_data
    from spikelock.testbenches.mutation.score import Score, below_gate
    from spikelock.testbenches.mutation.shares import share_out

    name = find_core(arguments.core if module else arguments.cores).name
    bench = module.bench if module else find_bench(name)
    shares = share_out(bench, arguments.mutants, arguments.seed, arguments.size)
    judged = f"{module.found.top} in the place of {name}" if module else name
    screen.print(f"{judged}: {arguments.mutants} mutants, seed {arguments.seed}, size {arguments.size}")
    done: list[ShareResult] = []
    with progress_bars(screen) as bars:
        task = bars.add_task("mutants", total=arguments.mutants)
        run_one = partial(run_named_share, module=module)
        for share, result in zip(shares, in_processes(run_one, shares, arguments.jobs), strict=True):
            done.append(result)
            bars.advance(task, share.count)
            for fate in survivors(result.fates):
                _show_survivor(survivor_data(fate), screen)

    if arguments.keep:
        _keep(bench, done, Path(arguments.keep), screen)
    fates: list[Fate] = [fate for result in done for fate in result.fates]
    everything, leaves = Score.of(fates), Score.of([fate for fate in fates if fate.leaf])
    screen.print(_table(by_module(fates), everything))
    problems = below_gate(everything, leaves)
    views = _proofs(name, arguments, screen) if arguments.proofs else []
    problems += _toothless(views)
    low, high = everything.interval
    screen.print(
        f"strict score {_percent(everything.strict)} (95 % interval {_percent(low)} to {_percent(high)}), "
        f"optimistic {_percent(everything.optimistic)}, leaves without state {_percent(leaves.strict)}; "
        f"{everything.weak} kills are weak: nothing but a hang",
        soft_wrap=True,
    )
    for problem in problems:
        screen.print(problem, soft_wrap=True)
    screen.print(f"[bold]{'FAILED' if problems else 'PASSED'}[/]")
    data: dict[str, Any] = {
        "passed": not problems,
        "problems": problems,
        "core": name,
        "seed": arguments.seed,
        "size": arguments.size,
        "score": everything.to_json(),
        "leaves": leaves.to_json(),
        "modules": {module: score.to_json() for module, score in by_module(fates).items()},
        "survivors": [survivor_data(fate) for fate in survivors(fates)],
        "proofs": [_proof_data(view) for view in views],
    }
    return Outcome(1 if problems else 0, data)


def _keep(bench: Bench, done: list[ShareResult], folder: Path, screen: Console) -> None:
    from spikelock.testbenches.mutation.keeping import keep

    for fate in (fate for result in done for fate in result.fates):
        if fate.shown is not None:
            file = keep(bench, fate.mutation, fate.shown, folder)
            screen.print(f"kept: spikelock replay {shlex.quote(str(file))}", soft_wrap=True, markup=False)


def _show_survivor(survivor: dict[str, Any], screen: Console) -> None:
    says = {"different": "SURVIVES", "unknown": "UNDECIDED"}[survivor["verdict"]]
    screen.print(f"{says}: {survivor['mutation']} ({survivor['design']})", soft_wrap=True, markup=False)
    for source in survivor["sources"]:
        screen.print(f"    {source['line']}: {source['text']}", soft_wrap=True, markup=False)
    if survivor["shown"]:
        screen.print(f"    shown by {survivor['shown']}", soft_wrap=True, markup=False)


def _table(modules: dict[str, Score], everything: Score) -> Table:
    table = Table("module", "mutants", "killed by", "equivalent", "different", "unknown", "strict, %")
    for name, score in modules.items():
        table.add_row(name, *_row(score))
    table.add_section()
    table.add_row("all", *_row(everything), style="bold")
    for column in (table.columns[1], *table.columns[3:]):
        column.justify, column.no_wrap = "right", True
    return table


def _row(score: Score) -> list[str]:
    killed = ", ".join(f"{detector} {count}" for detector, count in sorted(score.killed.items()))
    counts = [str(count) for count in (score.equivalent, score.different, score.unknown)]
    return [str(score.total), killed, *counts, f"{100 * score.strict:.1f}"]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _proofs(core: str, arguments: argparse.Namespace, screen: Console) -> list[ProofView]:
    from spikelock.formal.proof import proofs
    from spikelock.testbenches.mutation.proofs import view

    views = []
    for proof in proofs(core):
        views.append(view(proof, arguments.proofs, arguments.seed))
        caught, missed, undecided = (
            len(found) for found in (views[-1].caught, views[-1].missed, views[-1].undecided)
        )
        screen.print(f"{proof}: catches {caught} mutants, misses {missed}, undecided {undecided}")
    return views


def _toothless(views: list[ProofView]) -> list[str]:
    if not views:
        return []
    from spikelock.testbenches.mutation.proofs import toothless

    return toothless(views)


def _proof_data(view: ProofView) -> dict[str, Any]:
    return {
        "name": view.proof.name,
        "caught": [str(mutation) for mutation in view.caught],
        "missed": [str(mutation) for mutation in view.missed],
        "undecided": [str(mutation) for mutation in view.undecided],
    }
