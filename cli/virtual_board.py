"""`spikelock virtual-board`: a board that is simulated, down to the bits of its line, or to its frames."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput

from .network import CHOICES, read_network
from .outcome import Outcome

NAME = "virtual-board"
HELP = "Simulate a whole board, down to its serial line or its Ethernet frames, and print its URL."
EXAMPLES = (
    "spikelock virtual-board --program digits.spikelock",
    "spikelock virtual-board --udp 5005 --program examples/digits/digits.nir",
    "spikelock virtual-board --faults bit_errors=1e-5,loss=0.001,seed=3",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """--pty, --udp, --program, --faults, --real-time, --bind, --clock, --baud."""
    where = command.add_mutually_exclusive_group()
    where.add_argument("--pty", action="store_true", help="behind a pseudo-terminal (default)")
    where.add_argument("--udp", type=int, metavar="PORT", help="with an Ethernet line; 0 takes a free port")
    command.add_argument(
        "--program", metavar="FILE", help="the network, or compiled program, for which its tiles are made"
    )
    command.add_argument("--faults", metavar="SPEC", help="of the line, as bit_errors=1e-5,loss=0.01,seed=3")
    command.add_argument(
        "--real-time", action="store_true", help="no faster than the clock; without it, as fast as it can"
    )
    command.add_argument(
        "--bind", metavar="HOST", default="127.0.0.1", help="address for --udp (default 127.0.0.1)"
    )
    command.add_argument("--clock", type=int, metavar="HZ", default=BoardParams.clock)
    command.add_argument("--baud", type=int, metavar="N", default=BoardParams.baud)


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints the URL, and goes on until SIGINT or SIGTERM."""
    from spikelock.drivers.transports.faults import parse_faults
    from spikelock.hil.serving import Line, ended_by_signals, serve
    from spikelock.hil.simulation import build_board
    from spikelock.models.link.ethernet import Station

    if arguments.udp is not None and not 0 <= arguments.udp <= 65535:
        raise BadInput(f"--udp {arguments.udp}: a port is 0 … 65535; 5005 works")
    faults = None if arguments.faults is None else parse_faults(arguments.faults)
    sizes: dict[str, Any] = {"clock": arguments.clock, "baud": arguments.baud}
    if arguments.program is not None:
        unchosen = dict.fromkeys(CHOICES)
        program, _ = read_network(argparse.Namespace(network=arguments.program, **unchosen))
        sizes["chain"] = program.params
    built = build_board(BoardParams(**sizes), station=None if arguments.udp is None else Station())
    with ended_by_signals() as stopped:
        line = Line(arguments.udp, arguments.bind, faults)
        announced: list[str] = []

        def announce(url: str) -> None:
            announced.append(url)
            screen.print(url, soft_wrap=True)
            screen.file.flush()

        serve(built, line, announce, stopped, real_time=arguments.real_time)
    return Outcome(0, {"url": announced[0]})
