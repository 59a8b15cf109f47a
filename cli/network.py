"""What the commands that take a network share: its options, its file, its input file."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.network.compile import Options, compile_nir
from spikelock.models.network.discretise import Discretisation
from spikelock.models.network.float_simulation import classify
from spikelock.models.network.program import Program
from spikelock.models.network.program_file import is_program, load_program
from spikelock.models.network.quantise import Quantisation
from spikelock.models.network.report import Report
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.package.topology import Package, package_named

CHOICES: dict[str, str] = {
    "dt": "seconds of one tick",
    "method": "how the differential equation is stepped",
    "reset": "what a spike does to the membrane potential",
    "fires": "what a potential of exactly the threshold does",
    "spike": "what a spike of weight 1 is: a current of 1 for one tick, or a charge of 1",
    "membrane_width": "bits of a membrane potential",
    "membrane_fraction": "of them, bits right of the point",
    "weight_width": "bits of a weight",
    "weight_lsb": "what the last bit of a weight is worth",
    "coefficient_width": "bits of leak and gain",
    "rounding": "of the products in hardware",
    "saturate": "weights that do not fit become the nearest that does, instead of an error",
}
"""Options of discretisation and quantisation: for NIR files, as a program has made its choices."""


def add_network(command: argparse.ArgumentParser, needed: bool = True) -> None:
    """NET, which may be left out where it is not needed, and the choices between its file and integers."""
    note = "a NIR file, or a program that 'spikelock compile' wrote"
    command.add_argument("network", metavar="NET", nargs=None if needed else "?", help=note)
    group = command.add_argument_group("from real numbers to integers (NIR files)")
    for owner in (Discretisation, Quantisation):
        kinds = get_type_hints(owner)
        for field in fields(owner):
            option = f"--{field.name.replace('_', '-')}"
            kind, help_text = kinds[field.name], CHOICES[field.name]
            if kind is bool:
                group.add_argument(option, action="store_true", default=None, help=help_text)
            elif isinstance(field.default, Enum):
                values = [member.value for member in type(field.default) if member.value != "stochastic"]
                note = f"{help_text} (default {field.default.value})"
                group.add_argument(option, choices=values, help=note)
            else:
                number = float if field.name in ("dt", "weight_lsb") else int
                note = help_text + (f" (default {field.default})" if field.default is not None else "")
                group.add_argument(option, type=number, metavar="N", help=note)


def add_input(command: argparse.ArgumentParser, needed: bool = True) -> None:
    """--input, which may be left out where it is not needed, and --samples."""
    command.add_argument(
        "--input",
        metavar="FILE",
        required=needed,
        help=".npz with `spikes` (samples, ticks, inputs) and, maybe, `labels`",
    )
    command.add_argument("--samples", metavar="N", type=int, help="only the first N samples")


def read_network(arguments: argparse.Namespace) -> tuple[Program, Report | None]:
    """The program, and the report of one made just now. Raises BadInput for a bad file or choice."""
    path = Path(arguments.network)
    if not path.is_file():
        raise BadInput(
            f"{path}: no such file; a NIR file, or a program that 'spikelock compile' wrote, is needed"
        )
    chosen = {name: getattr(arguments, name) for name in CHOICES if getattr(arguments, name) is not None}
    if is_program(path):
        if chosen:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in chosen)
            raise BadInput(
                f"{names}: {path} is a compiled program, whose choices are made; compile the NIR file again"
            )
        return load_program(path), None
    return compile_nir(path, Options(_made(Discretisation, chosen), _made(Quantisation, chosen)))


def _made(owner: Any, chosen: dict[str, Any]) -> Any:
    values = {}
    for field in fields(owner):
        if field.name in chosen:
            value = chosen[field.name]
            values[field.name] = type(field.default)(value) if isinstance(field.default, Enum) else value
    return owner(**values)


def read_input(
    arguments: argparse.Namespace, program: Program
) -> tuple[NDArray[np.bool_], NDArray[np.int64] | None]:
    """Input spikes and labels of the samples asked for. Raises BadInput for a bad file or number."""
    spikes, labels = read_spikes(arguments.input, program.inputs)
    if arguments.samples is not None:
        if not 1 <= arguments.samples <= len(spikes):
            raise BadInput(
                f"--samples {arguments.samples}: {arguments.input} has {len(spikes)}; 1 … {len(spikes)} work"
            )
        spikes = spikes[: arguments.samples]
        labels = None if labels is None else labels[: arguments.samples]
    return spikes, labels


def pair(words: str, option: str) -> tuple[int, int]:
    """The numbers of an option such as `--mesh 2x2`. Raises BadInput for other words."""
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", words)
    if not found:
        raise BadInput(f"{option} {words}: two numbers with an x between are needed, as in {option} 2x2")
    return int(found[1]), int(found[2])


def package_of(arguments: argparse.Namespace) -> Package | None:
    """What `--package` names; None without. Raises BadInput where --mesh, --dies or --torus say it too."""
    if arguments.package is None:
        return None
    if arguments.mesh or arguments.dies or arguments.torus:
        raise BadInput(
            f"--package {arguments.package} says how dies are joined: without --mesh, --dies, --torus"
        )
    return package_named(arguments.package)


def accuracy(output_counts: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Part of the samples that `classify` puts under their label."""
    return float(np.mean(classify(output_counts[:, np.newaxis]) == labels))


def options_of(arguments: argparse.Namespace) -> list[str]:
    """The choices that were made on the command line, to be made again on another."""
    chosen = [(name, getattr(arguments, name)) for name in CHOICES if getattr(arguments, name) is not None]
    options: list[str] = []
    for name, value in chosen:
        options += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
    return options
