"""`spikelock registers`: the registers of a core, for people, for C, for Python and for other tools."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from spikelock.drivers.views import c, python, systemrdl
from spikelock.drivers.views.described import BOARD, Described, describe, format_of
from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole

from .generate import with_settings
from .outcome import Outcome

NAME = "registers"
HELP = "Show the registers of a core, or write them as C, Python, SystemRDL, HTML or IP-XACT."
EXAMPLES = (
    "spikelock registers neurons.lif",
    "spikelock registers fabric.chain --view c --output chain.h",
    "spikelock registers board --view c-driver --output build/driver",
    "spikelock registers neurons.lif --set width=24 --view html --output build/lif-registers",
)

TEXTS = {"c": c.header, "python": python.module, "systemrdl": systemrdl.text}
"""Views that are one text."""

FOLDERS = ("c-driver", "html")
VIEWS = (*TEXTS, *FOLDERS, "ip-xact")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE, --set, --view and --output."""
    command.add_argument(
        "core", metavar="CORE", help=f"name of the core, or '{BOARD}': what every board has of its own"
    )
    command.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter; nested ones as neuron.width=24",
    )
    command.add_argument("--view", choices=VIEWS, help="what to write; without it, a table is shown")
    command.add_argument(
        "-o", "--output", metavar="PATH", help="file, or for c-driver and html the folder, to write to"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Shows or writes a view."""
    if arguments.output and not arguments.view:
        raise BadInput(f"--output goes with --view, one of {', '.join(VIEWS)}")
    if arguments.core == BOARD:
        if arguments.set:
            raise BadInput("--set: the registers of the board are the same whatever its parameters")
        described = describe(BOARD)
    else:
        described = describe(arguments.core, with_settings(find_core(arguments.core).params(), arguments.set))
    if arguments.view is None:
        screen.print(_table(described))
        return Outcome(0, {"registers": list(described.registers)})
    if arguments.output is None:
        if arguments.view not in TEXTS:
            raise BadInput(f"--view {arguments.view} writes files: say where by --output")
        screen.out(TEXTS[arguments.view](described), end="", highlight=False)
        return Outcome(0)
    written = _write(described, arguments.view, Path(arguments.output))
    for path in written:
        screen.print(str(path), soft_wrap=True)
    return Outcome(0, {"files": [str(path) for path in written]})


def _write(described: Described, view: str, output: Path) -> list[Path]:
    if view in TEXTS:
        _write_text(output, TEXTS[view](described))
        return [output]
    if view == "ip-xact":
        systemrdl.write_ip_xact(described, output)
        return [output]
    output.mkdir(parents=True, exist_ok=True)
    if view == "html":
        systemrdl.write_html(described, output)
        return [output / "index.html"]
    made = {**c.driver(), f"{described.identifier}_registers.h": c.header(described)}
    for name, text in made.items():
        _write_text(output / name, text)
    return [output / name for name in made]


def _write_text(path: Path, text: str) -> None:
    with written_whole(str(path)) as file:
        file.write(text.encode())


def _table(described: Described) -> Table:
    table = Table("address", "register", "format", "reset", "access", "meaning")
    for index, (name, register) in enumerate(described.registers.items()):
        access = "read" if name in described.read_only else "read, write"
        address = f"0x{described.first + index:X}"
        table.add_row(address, name, format_of(register.q), str(register.reset), access, register.doc)
    return table
