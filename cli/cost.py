"""`spikelock cost`: what cores cost on FPGAs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from spikelock.models.core import all_cores, find_cores
from spikelock.models.errors import BadInput

from .outcome import Outcome
from .progress import progress_bars

if TYPE_CHECKING:
    from spikelock.testbenches.netlist.cost import Cost

NAME = "cost"
HELP = "Synthesise, place and route cores: logic cells, registers, memories, multipliers, frequency."
EXAMPLES = (
    "spikelock cost",
    "spikelock cost neurons.lif --configuration compact --device hx8k",
    "spikelock cost neurons.lif --baseline docs/cost/0.1.0.json --json now.json",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE…, --configuration, --device, --baseline, --keep."""
    command.add_argument("cores", metavar="CORE", nargs="*", help="cores or families; without any, all")
    command.add_argument("--configuration", metavar="NAME", help="only this one (default all of each core)")
    command.add_argument(
        "--device", metavar="NAME", help="only there: hx8k, up5k, ecp5-25k or ecp5-85k (default: those kept)"
    )
    command.add_argument("--baseline", metavar="FILE", help="kept figures; what is worse is a failure")
    command.add_argument("--keep", metavar="FILE", help="write the figures to this file of kept figures")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints a row a configuration and device, the change to the baseline, and what is worse."""
    from spikelock.testbenches.netlist import cost

    cores = find_cores(arguments.cores) or list(all_cores())
    kept = {one.name: one for one in cost.read_costs(Path(arguments.baseline))} if arguments.baseline else {}
    wanted = [
        (core, name, device)
        for core in cores
        for name in cost.configurations(core)
        if arguments.configuration in (None, name)
        for device in ([arguments.device] if arguments.device else cost.devices_of(name))
    ]
    if not wanted:
        known = ", ".join(name for core in cores for name in cost.configurations(core))
        raise BadInput(f"--configuration {arguments.configuration}: there are {known}")
    measured, problems = [], []
    with progress_bars(screen) as bars:
        task = bars.add_task("cost", total=len(wanted))
        for core, name, device in wanted:
            one = cost.measure(core, name, device)
            measured.append(one)
            if arguments.keep:  # at once, so that Ctrl-C loses nothing that is finished
                cost.write_costs(Path(arguments.keep), [one])
            limits = cost.limits_of(core, name, device)
            problems += [
                f"{core.name}, {name}, {device}: {what}"
                for what in cost.problems_of(one, kept.get(one.name), limits)
            ]
            bars.advance(task)
    columns = ["core", "configuration", "device", "cells", "LUT", "FF", "carry", "RAM", "DSP", "MHz"]
    columns.append("spread")
    table = Table(*columns, *(["cells grew", "MHz grew"] if kept else []))
    for one in measured:
        was = kept.get(one.name)
        table.add_row(*row(one), *(_grown(one, was) if kept else []))
    screen.print(table)
    for one in measured:
        if one.unfit:
            screen.print(f"{', '.join(one.name)}: does not fit: {one.unfit}", soft_wrap=True)
        if one.remark:
            screen.print(f"{', '.join(one.name)}: {one.remark}", soft_wrap=True)
    for problem in problems:
        screen.print(f"WORSE: {problem}", soft_wrap=True)
    return Outcome(1 if problems else 0, {"costs": [asdict(one) for one in measured], "problems": problems})


def row(one: Cost) -> list[str]:
    """The cells of a table."""
    figures = [one.lut, one.ff, one.carry, one.ram, one.dsp]
    speed = ["–", "–"] if one.unfit else [f"{one.mhz:.1f}", f"{min(one.fmax):.0f}–{max(one.fmax):.0f}"]
    return [*one.name, "–" if one.unfit else str(one.cells), *map(str, figures), *speed]


def _grown(one: Cost, was: Cost | None) -> list[str]:
    from spikelock.testbenches.netlist.cost import growth

    if was is None or one.unfit or was.unfit:
        return ["–", "–"]
    return [growth(one.cells, was.cells), growth(one.mhz, was.mhz)]
