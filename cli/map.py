"""`spikelock map`: a network on a mesh of tiles: which neurons go where, and what the routers hold."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.loads import channel_loads
from spikelock.models.network.mapping.machine import LINKS, Machine, Node, Port
from spikelock.models.network.mapping.mapped import map_network
from spikelock.models.network.mapping.report import report_of
from spikelock.models.network.noc.ticks import tick_time
from spikelock.models.network.program import Program
from spikelock.models.package.topology import machine_of as planned_machine

from .clocks import add_clocks, clocks_named
from .map_hardware import write_hardware
from .map_pictures import placement, tables, traffic
from .network import add_input, add_network, package_of, pair, read_input, read_network
from .outcome import Outcome
from .report_folder import write_report

NAME = "map"
HELP = "Map a network on a mesh of tiles: partition, placement, keys, routing tables, all of it checked."
EXAMPLES = (
    "spikelock map examples/digits/digits.nir --mesh 2x2 --neurons 32",
    "spikelock map examples/digits/digits.nir --mesh 2x2 --dies 2x2 --neurons 32 --input "
    "examples/digits/test.npz --report build/map",
    "spikelock map examples/digits/digits.nir --package ring:3 --neurons 32 --hardware build/ring "
    "--clock-of 1=80e6",
    "spikelock map network.spikelock --mesh 4x4 --torus --entries 16 --dead 0,0:east",
)

SIZES = {
    "neurons": "neurons that fit a tile",
    "synapses": "synapses that fit a tile",
    "entries": "entries of a router's table",
    "key_width": "bits of a key",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, the machine, --input and --report."""
    add_network(command)
    add_machine(command)
    add_input(command, needed=False)
    add_clocks(command)
    note = "write Verilog, tables and timing constraints of each die, and of all together, to DIR"
    command.add_argument("--hardware", metavar="DIR", help=note)
    command.add_argument(
        "--report", metavar="DIR", help="write pictures and the report (JSON, Markdown, HTML) to DIR"
    )


def add_machine(command: argparse.ArgumentParser) -> None:
    """What the machine is."""
    group = command.add_argument_group("the machine")
    group.add_argument("--mesh", metavar="WxH", help="nodes across and up, of all dies together")
    group.add_argument("--dies", metavar="WxH", help="dies that the mesh is cut in (default 1x1)")
    group.add_argument("--torus", action="store_true", help="rows and columns are closed to rings")
    note = "in the place of these: ring:4, star:5, mesh:2x2, torus:3x3; ring:4:2x1 for dies of 2x1 tiles"
    group.add_argument("--package", metavar="KIND:N", help=note)
    note = "the node with the host's port (default: the first of the first die)"
    group.add_argument("--host", metavar="X,Y", help=note)
    group.add_argument(
        "--dead", metavar="X,Y:DIRECTION", action="append", default=[], help="a link that is not to be used"
    )
    for name, note in SIZES.items():
        default = getattr(Machine, name)
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=int,
            metavar="N",
            default=default,
            help=f"{note} (default {default})",
        )
    group.add_argument(
        "--seed", type=int, metavar="N", default=0, help="of the search for places (default 0)"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints tiles, tables and traffic; writes the report."""
    machine = machine_of(arguments)
    program, _ = read_network(arguments)
    raster = raster_of(arguments, program)
    counts = None if raster is None else raster.sum(axis=(0, 1), dtype=np.int64)
    mapped = map_network(program, machine, counts, arguments.seed)
    loads = None if raster is None else channel_loads(mapped, raster)
    report = report_of(mapped, loads)
    if loads is not None:
        sent = -(-loads.sent // (loads.samples * loads.ticks))
        report["traffic"]["cycles_of_an_average_tick"] = tick_time(mapped, sent).cycles
    _print(screen, report)
    if arguments.report:
        pictures = {"placement": placement(mapped), "tables": tables(mapped)}
        if loads is not None:
            pictures["traffic"] = traffic(mapped, loads)
        written = write_report(arguments.report, _title(arguments, machine), report, pictures)
        screen.print("written: " + ", ".join(map(str, written)), soft_wrap=True)
    if arguments.hardware:
        files = write_hardware(arguments.hardware, mapped, clocks_named(arguments), arguments.clock)
        screen.print(f"written to {arguments.hardware}: {', '.join(files)}", soft_wrap=True)
    return Outcome(0, report)


def machine_of(arguments: argparse.Namespace) -> Machine:
    """The machine that the options describe. Raises BadInput for one that there is not."""
    sizes = {name: getattr(arguments, name) for name in SIZES}
    package = package_of(arguments)
    if package is not None:
        whole = planned_machine(package, **sizes)
    elif arguments.mesh is None:
        raise BadInput("a machine is needed: --mesh 2x2, or --package ring:4")
    else:
        dies = pair(arguments.dies, "--dies") if arguments.dies else (1, 1)
        whole = Machine(*pair(arguments.mesh, "--mesh"), arguments.torus, dies, **sizes)
    host = whole.host if arguments.host is None else _node(arguments.host, whole, "--host")
    dead = frozenset(_link(words, whole) for words in arguments.dead)
    return replace(whole, host=host, dead=dead)


def raster_of(arguments: argparse.Namespace, program: Program) -> NDArray[np.bool_] | None:
    """Every spike that the engine gives for --input; None without. Raises BadInput for a bad file."""
    if arguments.input is None:
        if arguments.samples is not None:
            raise BadInput("--samples: of an input file; add --input FILE")
        return None
    spikes, _ = read_input(arguments, program)
    return engine.run(program, spikes).raster()


def _node(words: str, machine: Machine, option: str) -> Node:
    found = re.fullmatch(r"(\d{1,4}),(\d{1,4})", words)
    node = machine.node_at.get((int(found[1]), int(found[2]))) if found else None
    if node is None:
        raise BadInput(
            f"{option} {words}: column and row of a node are needed, from 0,0 to "
            f"{machine.width - 1},{machine.height - 1}"
            + (", of a die that is there" if machine.present else "")
        )
    return node


def _link(words: str, machine: Machine) -> tuple[Node, Port]:
    place, _, direction = words.partition(":")
    names = {port.name.lower(): port for port in LINKS}
    if direction not in names:
        raise BadInput(f"--dead {words}: one of {', '.join(names)} is needed, as in --dead 0,0:east")
    return _node(place, machine, "--dead"), names[direction]


def _title(arguments: argparse.Namespace, machine: Machine) -> str:
    if arguments.package:
        return f"{arguments.network} on {arguments.package}"
    kind = "torus" if machine.torus else "mesh"
    return f"{arguments.network} on a {kind} of {machine.width}x{machine.height}"


def _print(screen: Console, report: dict[str, Any]) -> None:
    _table(screen, report["tiles"], ("node", "die", "neurons", "count", "synapses", "keys", "step"))
    _table(screen, report["tables"], ("node", "uncompressed", "by_default", "entries"))
    checks = report["checks"]
    screen.print(
        f"{report['steps_a_tick']} steps a tick; {checks['keys_followed']} keys followed to their "
        f"destinations; compressed tables equal on {checks['compressed_compared']} keys at routers; "
        f"{checks['channels_without_circle']} channels without a circle",
        soft_wrap=True,
    )
    if "traffic" in report:
        one = report["traffic"]
        screen.print(
            f"{one['samples']} samples of {one['ticks']} ticks: {one['spikes']} spikes, {one['hops']} hops, "
            f"{one['bridge_events']} of them over bridges; hottest link: {one['hottest_link']}, "
            f"{one['hottest_events']} events, at most {one['hottest_busiest_tick']} in a tick",
            soft_wrap=True,
        )
        screen.print(
            f"an average tick takes {one['cycles_of_an_average_tick']} cycles by the model of queues"
        )


def _table(screen: Console, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    table = Table(*(column.replace("_", " ") for column in columns))
    for number, column in enumerate(columns):
        if isinstance(rows[0][column], int):
            table.columns[number].justify = "right"
    for row in rows:
        table.add_row(*(f"{row[c]:,}" if isinstance(row[c], int) else str(row[c]) for c in columns))
    screen.print(table)
