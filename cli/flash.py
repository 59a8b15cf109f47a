"""`spikelock flash`: a bitstream into a board."""

from __future__ import annotations

import argparse
import shlex
import subprocess
from pathlib import Path

from rich.console import Console

from spikelock.models.errors import BadInput, SpikelockError

from .outcome import Outcome

NAME = "flash"
HELP = "Load a bitstream into a board, through openFPGALoader."
EXAMPLES = (
    "spikelock flash build/icebreaker/spikelock.bin --board icebreaker --dry-run",
    "spikelock flash build/ulx3s-25f/spikelock.bit --board ulx3s-25f",
    "spikelock flash build/icebreaker/spikelock.bin --board icebreaker --keep",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """FILE, --board, --keep, --dry-run."""
    command.add_argument("file", metavar="FILE", help="a bitstream that 'spikelock build' wrote")
    command.add_argument(
        "--board", metavar="NAME", required=True, help="as 'spikelock build --boards' lists it"
    )
    command.add_argument(
        "--keep",
        action="store_true",
        help="write it to the board's flash memory, so that it is there after power-up",
    )
    command.add_argument("--dry-run", action="store_true", help="show the command, and do nothing")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Runs the loader, whose own output is shown."""
    from spikelock.hil.boards import find_board
    from spikelock.testbenches import toolchain

    board = find_board(arguments.board)
    file = Path(arguments.file)
    if not file.is_file():
        raise BadInput(f"{file}: no such file; 'spikelock build NET --board {board.name}' writes one")
    if file.suffix != f".{board.tools.bitstream}":
        raise BadInput(f"{file}: {board.title} takes files that end in .{board.tools.bitstream}")
    kept = arguments.keep or board.tools.only_flash
    command = ["openFPGALoader", "--board", board.loader, *(["--write-flash"] if kept else []), str(file)]
    screen.print(shlex.join(command), soft_wrap=True)
    data = {"command": command}
    if arguments.dry_run:
        return Outcome(0, data)
    toolchain.program(command[0])
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise SpikelockError(
            f"openFPGALoader returned {done.returncode}: is {board.title} connected, and may you use its USB "
            "device? 'openFPGALoader --scan-usb' lists what it sees"
        )
    return Outcome(0, data)
