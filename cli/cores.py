"""`spikelock cores`: which cores there are."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

from rich.console import Console
from rich.table import Table

from spikelock.models.core import Core, all_cores
from spikelock.models.ports import Port

from .outcome import Outcome

NAME = "cores"
HELP = "List the cores: what each computes, its ports, registers and memories."
EXAMPLES = ("spikelock cores", "spikelock cores --json cores.json")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints one row a core, for its default parameters."""
    table = Table("core", "what it is", "streams", "registers", "memories")
    listed = [describe(core, core.params()) for core in all_cores()]
    for core in listed:
        streams = f"{', '.join(core['inputs'])} → {', '.join(core['outputs'])}"
        table.add_row(
            core["name"], core["what"], streams, str(len(core["registers"])), str(len(core["memories"]))
        )
    screen.print(table)
    screen.print("'spikelock cores --json FILE' gives every port, register and memory.")
    return Outcome(0, {"cores": listed})


def describe(core: Core, params: Any) -> dict[str, Any]:
    """A core's declarations as plain data."""
    doc = importlib.import_module(f"spikelock.models.{core.name}").__doc__ or ""
    return {
        "name": core.name,
        "what": doc.strip().splitlines()[0].split(":")[0],
        "inputs": {name: ports(port) for name, port in core.inputs(params).items()},
        "outputs": {name: ports(port) for name, port in core.outputs(params).items()},
        "registers": {
            name: {"address": address, "bits": r.q.width, "signed": r.q.signed, "fraction": r.q.fraction}
            | {"reset": r.reset, "doc": r.doc}
            for address, (name, r) in enumerate(core.registers(params).items())
        },
        "memories": {
            name: {"number": number, "depth": m.depth, "fields": ports(m.layout)["fields"], "doc": m.doc}
            for number, (name, m) in enumerate(core.memories(params).items())
        },
    }


def ports(port: Any) -> dict[str, Any]:
    """Fields with their bits, first field lowest."""
    fields = {
        name: {"bits": q.width, "signed": q.signed, "fraction": q.fraction} for name, q in port.fields.items()
    }
    return ({"kind": port.kind} if isinstance(port, Port) else {}) | {"width": port.width, "fields": fields}
