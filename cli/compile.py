"""`spikelock compile`: a NIR file to a program of integers."""

from __future__ import annotations

import argparse

from rich.console import Console

from spikelock.models.network.program_file import save_program

from .arithmetic import add_arithmetic, read_program
from .network import add_network
from .outcome import Outcome

NAME = "compile"
HELP = "Turn a NIR file into a program of integers, and report what each parameter loses."
EXAMPLES = (
    "spikelock compile examples/digits/digits.nir -o digits.spikelock",
    "spikelock compile network.nir -o network.spikelock --dt 1e-3 --method exponential --weight-width 6",
    "spikelock compile network.nir -o network.spikelock --arithmetic stochastic --length 1024",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, the arithmetic, and -o."""
    add_network(command)
    add_arithmetic(command)
    command.add_argument("-o", "--output", metavar="FILE", required=True, help="the program file to write")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Writes the program and prints the quantisation report."""
    program, report = read_program(arguments)
    save_program(program, arguments.output)
    sizes = [f"{p.name} {p.params.neurons}" for p in program.populations]
    screen.print(f"{arguments.output}: {program.inputs} inputs; neurons: {', '.join(sizes)}")
    if report is not None:
        screen.print("\n".join(report.lines()), soft_wrap=True)
    return Outcome(0, {"file": arguments.output, "report": report.as_json() if report else None})
