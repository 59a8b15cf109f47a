"""What the commands that run a network share: whether its sums are exact, or those of bit streams."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.models.network.program import Program
from spikelock.models.network.report import Report
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.sc.dense import Product

from .network import read_network

CHOICES: dict[str, str] = {
    "length": "bits of a stream (default 256)",
    "product": "what multiplies two streams (default and)",
    "source_width": "bits of the random numbers (default 16)",
    "lanes": "synapses of a neuron that are computed at a time (default all)",
    "parallel": "neurons that are computed at a time (default 1)",
}
"""Options of bit streams."""


def add_arithmetic(command: argparse.ArgumentParser) -> None:
    """--arithmetic, and the choices that bit streams leave."""
    group = command.add_argument_group("how weights are added up")
    group.add_argument(
        "--arithmetic",
        choices=["exact", "stochastic"],
        default="exact",
        help="as integers, or as bit streams (default exact)",
    )
    for name, note in CHOICES.items():
        if name == "product":
            group.add_argument("--product", choices=[product.value for product in Product], help=note)
        else:
            group.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=note)


def read_program(arguments: argparse.Namespace) -> tuple[Program, Report | None]:
    """The program with the arithmetic that was chosen, and the report of one made just now.

    Raises BadInput for a bad file or choice.
    """
    chosen = _chosen(arguments)
    if arguments.arithmetic == "exact":
        if chosen:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in chosen)
            raise BadInput(f"{names}: of bit streams; add --arithmetic stochastic")
        return read_network(arguments)
    program, report = read_network(arguments)
    program, notes = stochastic(program, Stochastic(**chosen))
    return program, replace(report, notes=(*report.notes, *notes)) if report else None


def arithmetic_options(arguments: argparse.Namespace) -> list[str]:
    """The choices that were made on the command line, to be made again on another."""
    options = [] if arguments.arithmetic == "exact" else ["--arithmetic", arguments.arithmetic]
    for name in CHOICES:
        if (value := getattr(arguments, name)) is not None:
            options += [f"--{name.replace('_', '-')}", str(value)]
    return options


def _chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    chosen = {name: getattr(arguments, name) for name in CHOICES if getattr(arguments, name) is not None}
    if "product" in chosen:
        chosen["product"] = Product(chosen["product"])
    return chosen
