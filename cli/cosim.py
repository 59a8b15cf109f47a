"""`spikelock cosim`: a network at several levels, and one verdict."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from spikelock.models.errors import BadInput
from spikelock.models.network.explain import Explanation
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import write_spikes
from spikelock.models.network.trace import Trace

if TYPE_CHECKING:  # imported where they are used, so that software levels need no tools
    from spikelock.testbenches.cosim import Cosimulation
    from spikelock.testbenches.network import LevelRun

from .arithmetic import add_arithmetic, arithmetic_options, read_program
from .network import accuracy, add_input, add_network, options_of, package_of, pair, read_input
from .outcome import Outcome
from .progress import progress_bars
from .raster import picture

OF_LEVELS = {
    "faults": ("virtual",),
    **dict.fromkeys(("mesh", "torus"), ("mesh", "dies")),
    **dict.fromkeys(("dies", "package", "line_errors", "cut", "throttle"), ("dies",)),
}
"""Options, and the levels that they are for."""

NAME = "cosim"
HELP = "Run a network at several levels and say whether they agree, spike for spike."
EXAMPLES = (
    "spikelock cosim examples/digits/digits.nir --input examples/digits/test.npz --levels engine,rtl",
    "spikelock cosim network.nir --input spikes.npz --levels reference,engine,rtl --samples 10 --seed 5",
    "spikelock cosim network.nir --input spikes.npz --arithmetic stochastic --length 64 --samples 2",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,rtl,virtual",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,virtual --faults loss=0.01,seed=3",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,board --url serial:/dev/ttyUSB1",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,rtl,mesh --mesh 2x2",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,dies --mesh 2x2 --dies 2x1 "
    "--line-errors 1e-3",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,dies --package ring:4",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,dies --mesh 2x2 --dies 2x2 "
    "--cut 0,0:east@5000",
    "spikelock cosim digits.spikelock --input spikes.npz --levels engine,dies --package ring:4 "
    "--throttle 1=8,2=3",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, the arithmetic, the input, the levels and what they need, --failures, --jobs."""
    add_network(command)
    add_arithmetic(command)
    add_input(command)
    command.add_argument(
        "--levels",
        metavar="A,B",
        default="engine,rtl",
        help="levels; all are compared with the first (engine,rtl)",
    )
    command.add_argument(
        "--seed", type=int, default=0, help="of the stalls on the hardware's ports (default 0)"
    )
    command.add_argument("--url", help="of the board, for the level board: serial:PATH?baud=N, udp:HOST:PORT")
    command.add_argument(
        "--faults",
        metavar="SPEC",
        help="of the line to the level virtual, as bit_errors=1e-5,loss=0.01,seed=3",
    )
    command.add_argument(
        "--mesh", metavar="WxH", help="tiles across and up, over which the level mesh spreads the network"
    )
    command.add_argument(
        "--torus", action="store_true", help="the mesh's rows and columns are closed to rings"
    )
    command.add_argument(
        "--dies", metavar="WxH", help="dies that the mesh is cut in, across and up, for the level dies"
    )
    command.add_argument(
        "--package",
        metavar="KIND:N",
        help="in the place of --mesh and --dies: ring:4, star:5, mesh:2x2, torus:3x3; ring:4:2x1 for dies of "
        "2x1 tiles",
    )
    command.add_argument(
        "--line-errors",
        type=float,
        default=0.0,
        metavar="P",
        help="of each bit on the lines between dies, how probable it is that it is wrong (default 0)",
    )
    command.add_argument(
        "--cut",
        metavar="X,Y:DIRECTION@N",
        help="cut a link between dies for good, N cycles of the host's clock after it begins to send",
    )
    command.add_argument(
        "--throttle",
        metavar="DIE=N,...",
        help="put all dies behind power gates; the clocks of these run in N of 16 cycles",
    )
    command.add_argument("--jobs", type=int, default=2, metavar="N", help="parallel processes (default 2)")
    command.add_argument(
        "--failures",
        metavar="DIR",
        default="build/failures",
        help="on a failure: folder for waves and the smallest failing input (default build/failures)",
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints a table of levels, a raster, and the verdict, with a report of the first divergence."""
    from spikelock.drivers.transports.faults import parse_faults
    from spikelock.hil.levels import levels as hardware_levels
    from spikelock.testbenches.cosim import cosimulate
    from spikelock.testbenches.cut_link import cut_named
    from spikelock.testbenches.dies import die_levels
    from spikelock.testbenches.levels import level_names
    from spikelock.testbenches.mesh import mesh_levels
    from spikelock.testbenches.network import make_levels

    if arguments.jobs < 1:
        raise BadInput(f"--jobs {arguments.jobs}: 1 or more processes are needed")
    program, _ = read_program(arguments)
    spikes, labels = read_input(arguments, program)
    names = level_names(arguments.levels)
    options = {"seed": arguments.seed, "processes": arguments.jobs}
    faults = None if arguments.faults is None else parse_faults(arguments.faults)
    cut = None if arguments.cut is None else cut_named(arguments.cut)
    throttle = None if arguments.throttle is None else _rates(arguments.throttle)
    _require_levels(arguments, names)
    mesh = pair(arguments.mesh, "--mesh") if arguments.mesh else None
    dies = pair(arguments.dies, "--dies") if arguments.dies else None
    torus, errors = arguments.torus, arguments.line_errors
    more = {
        **hardware_levels(arguments.url, faults),
        **mesh_levels(mesh, torus=torus),
        **die_levels(
            mesh,
            dies,
            torus=torus,
            line_errors=errors,
            package=package_of(arguments),
            cut=cut,
            throttle=throttle,
        ),
    }
    levels = make_levels(program, names, more, **options)
    name = Path(arguments.network).stem
    with progress_bars(screen) as bars:
        tasks = {level: bars.add_task(level, total=len(spikes)) for level in names}
        result = cosimulate(
            program,
            spikes,
            levels,
            name=name,
            progress=lambda level, done: bars.update(tasks[level], completed=done),
            folder=Path(arguments.failures),
        )

    _draw(result, program, screen)
    rows = [_row(run, verdict) for run, verdict in _verdicts(result)]
    screen.print(_table(rows))
    data: dict[str, Any] = {"agree": result.agrees, "levels": rows, "failures": []}
    if labels is not None and _raster(result.first.trace) is not None:
        data["accuracy"] = accuracy(result.first.trace.output_counts(program), labels)
        screen.print(f"accuracy at level {result.first.level}: {data['accuracy']:.2%}")
    for row in rows:
        for note in row["notes"]:
            screen.print(f"{row['level']}: {note}", soft_wrap=True)
        for problem in row["problems"]:
            screen.print(f"{row['level']}: {problem}", soft_wrap=True)
    for comparison in result.comparisons:
        if comparison.explanation is not None:
            report = _report(arguments, name, comparison.explanation, comparison.wave, screen)
            data["failures"].append(report)
    screen.print(_conclusion(result, len(spikes)), soft_wrap=True)
    return Outcome(0 if result.agrees else 1, data)


def _rates(throttle: str) -> dict[str, int]:
    """What --throttle says, by die. Raises BadInput."""
    rates: dict[str, int] = {}
    for words in throttle.split(","):
        found = re.fullmatch(r"(\d{1,4})=(\d{1,4})", words)
        if not found:
            raise BadInput(
                f"--throttle {throttle}: dies, and in how many of 16 cycles the clock of each runs, are "
                "needed, as in --throttle 1=8,2=3"
            )
        rates[f"die{int(found[1])}"] = int(found[2])
    return rates


def _require_levels(arguments: argparse.Namespace, names: Sequence[str]) -> None:
    """Raises BadInput for an option that none of the levels would notice."""
    for option, words in _given(arguments).items():
        levels = OF_LEVELS[option]
        if not set(levels) & set(names):
            level = " or ".join(levels)
            raise BadInput(f"{' '.join(words)}: only the level {level} takes it; --levels engine,{levels[0]}")


def _given(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Of `OF_LEVELS`, the options that were given, with their words on the command line."""
    values = {option: getattr(arguments, option) for option in OF_LEVELS}
    return {
        option: [f"--{option.replace('_', '-')}", *([] if value is True else [str(value)])]
        for option, value in values.items()
        if value
    }


def _verdicts(result: Cosimulation) -> list[tuple[LevelRun, str]]:
    first = (result.first, "FAILED" if result.first.problems else "–")
    return [first, *((c.run, "agrees" if c.agrees else "DIFFERS") for c in result.comparisons)]


def _row(run: LevelRun, verdict: str) -> dict[str, Any]:
    """What a level did, as data."""
    data = {"level": run.level, "summary": run.trace.summary(), "cycles": run.cycles, "seconds": run.seconds}
    return {**data, "verdict": verdict, "notes": list(run.notes), "problems": list(run.problems)}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("level", "samples", "events", "spikes", "cycles", "seconds", "verdict")
    for row in rows:
        events = row["summary"]["events"]
        table.add_row(
            row["level"],
            f"{row['summary']['samples']:,}",
            f"{sum(events.values()):,}",
            f"{events['SPIKE']:,}",
            "–" if row["cycles"] is None else f"{row['cycles']:,}",
            f"{row['seconds']:.2f}",
            row["verdict"],
        )
    return table


def _conclusion(result: Cosimulation, samples: int) -> str:
    if result.neuron_spikes == 0:
        return "NOTHING VERIFIED: no neuron fired, so a comparison says nothing; give a stronger input"
    if not result.agrees:
        return "[bold]DISAGREE[/]"
    compared = sum(c.events for c in result.comparisons)
    return (
        f"[bold]AGREE[/]: {samples} samples, {compared:,} events compared, 0 mismatches; "
        f"{result.neuron_spikes:,} neuron spikes"
    )


def _raster(trace: Trace) -> NDArray[np.bool_] | None:
    """Who spiked when, where the stream is in order."""
    try:
        return trace.raster()
    except BadInput:
        return None


def _draw(result: Cosimulation, program: Program, screen: Console) -> None:
    """Up to three samples in which neurons fire, spread over the run."""
    raster = _raster(result.first.trace)
    if raster is None:
        return
    alive = np.flatnonzero(raster[:, :, program.inputs :].any(axis=(1, 2)))
    if not len(alive):
        alive = np.arange(1)
    shown = sorted({int(alive[i]) for i in np.linspace(0, len(alive) - 1, 3).astype(int)})
    populations = [("input", program.inputs), *((p.name, p.params.neurons) for p in program.populations)]
    screen.print("\n".join(picture(raster, populations, shown)))


def _report(
    arguments: argparse.Namespace, name: str, explanation: Explanation, wave: Path | None, screen: Console
) -> dict[str, Any]:
    """Prints why a level differs, keeps its smallest input, and gives the command that runs it again."""
    screen.print("\n".join(explanation.lines()), soft_wrap=True)
    report: dict[str, Any] = explanation.to_dict()
    if wave is not None:
        screen.print(f"  wave: {wave}", soft_wrap=True)
        report["wave"] = str(wave)
    if explanation.smallest is not None:
        smallest = Path(arguments.failures) / f"{name}-smallest.npz"
        smallest.parent.mkdir(parents=True, exist_ok=True)
        write_spikes(smallest, explanation.smallest.spikes)
        command = ["spikelock", "cosim", arguments.network, "--input", str(smallest)]
        command += ["--levels", arguments.levels, "--seed", str(arguments.seed), *options_of(arguments)]
        command += arithmetic_options(arguments)
        command += ["--url", arguments.url] if arguments.url else []
        for words in _given(arguments).values():
            command += words
        again = shlex.join(command)
        screen.print(f"  again: {again}", soft_wrap=True)
        report["again"] = again
    return report
