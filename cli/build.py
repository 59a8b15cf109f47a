"""`spikelock build`: a network as a bitstream for a board."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole
from spikelock.models.link.ethernet import Station

from .network import add_network, read_network
from .outcome import Outcome

if TYPE_CHECKING:
    from spikelock.hil.build import Bitstream

NAME = "build"
HELP = "Make a bitstream for a board: the hardware of a network behind the board's serial line."
EXAMPLES = (
    "spikelock build --boards",
    "spikelock build examples/digits/digits.nir --board icebreaker -o build/icebreaker",
    "spikelock build network.spikelock --board arty-a7-35 --sources -o build/arty",
    "spikelock build network.spikelock --board ulx3s-85f --line ethernet -o build/ulx3s",
)

LOCAL_MAC = 0x0253_0000_0000
"""MAC addresses that are given by whoever owns the network."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, --board, -o, --sources, --monitors, --line, --address, --baud, --boards."""
    add_network(command, needed=False)
    command.add_argument("--boards", action="store_true", help="list the boards, and do nothing else")
    command.add_argument("--board", metavar="NAME", help="for this board")
    command.add_argument("-o", "--output", metavar="DIR", help="folder to write to; made if missing")
    command.add_argument("--sources", action="store_true", help="write what the board's tools read, and stop")
    command.add_argument(
        "--monitors",
        action=argparse.BooleanOptionalAction,
        help="with a probe and with hardware for lockstep (default: where the board has room)",
    )
    command.add_argument(
        "--line",
        choices=("uart", "ethernet"),
        default="uart",
        help="how it is reached (default uart; --boards says which have Ethernet)",
    )
    command.add_argument(
        "--address",
        metavar="IPV4",
        default="192.168.1.100",
        help="with --line ethernet (default %(default)s)",
    )
    command.add_argument("--baud", type=int, metavar="N", help="of the serial line (default: the board's)")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints what the design takes of the device, and whether it is fast enough; writes the bitstream."""
    from spikelock.hil.boards import BOARDS, find_board

    if arguments.boards:
        table = Table("board", "what it is", "clock (MHz)", "baud", "Ethernet")
        for board in BOARDS.values():
            table.add_row(board.name, board.title, f"{board.clock / 1e6:g}", f"{board.baud:,}", board.phy)
        screen.print(table)
        return Outcome(0, {"boards": [asdict(board) for board in BOARDS.values()]})
    for value, option in ((arguments.network, "NET"), (arguments.board, "--board"), (arguments.output, "-o")):
        if value is None:
            raise BadInput(f"{option} is missing; {EXAMPLES[1]!r} works, and --boards lists the boards")
    board = find_board(arguments.board)
    program, _ = read_network(arguments)

    from spikelock.hil.build import build, design, sources

    station = station_at(arguments.address) if arguments.line == "ethernet" else None
    top = design(board, program.params, monitors=arguments.monitors, baud=arguments.baud, station=station)
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.sources:
        files = sources(board, top)
        for name, content in files.items():
            with written_whole(folder / name) as file:
                file.write(content)
        screen.print(f"{folder}: {', '.join(files)}", soft_wrap=True)
        return Outcome(0, {"files": [str(folder / name) for name in files]})

    made = build(board, top)
    _show(made, screen)
    bitstream = folder / f"spikelock.{board.tools.bitstream}"
    if not made.timing_met:
        screen.print("TIMING NOT MET: nothing is written; a smaller network is faster")
    else:
        with written_whole(bitstream) as file:
            file.write(made.content)
        screen.print(f"{bitstream}: {len(made.content):,} bytes", soft_wrap=True)
        screen.print(f"load it: spikelock flash {bitstream} --board {board.name}", soft_wrap=True)
        if station is not None:
            screen.print(f"it is reached at udp:{arguments.address}:{station.port}", soft_wrap=True)
    figures = {"board": board.name, "used": made.used, "fmax": made.fmax, "clock": board.clock / 1e6}
    return Outcome(0 if made.timing_met else 1, figures)


def station_at(address: str) -> Station:
    """The station of an IPv4 address; its MAC address ends with that. Raises BadInput."""
    try:
        number = int(IPv4Address(address))
    except ValueError:
        raise BadInput(f"--address {address}: an IPv4 address is needed, as in 192.168.1.100") from None
    return Station(mac=LOCAL_MAC | number, address=number)


def _show(made: Bitstream, screen: Console) -> None:
    table = Table("of the device", "used", "there are", "part")
    for kind, (used, available) in made.used.items():
        if used:
            table.add_row(kind, f"{used:,}", f"{available:,}", f"{used / available:.0%}")
    screen.print(table)
    screen.print(f"clock: {made.fmax:.1f} MHz reached, {made.board.clock / 1e6:g} MHz needed")
