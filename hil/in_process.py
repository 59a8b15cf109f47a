"""A virtual board within the process of its host: `virtual:`. It runs while the host waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spikelock.drivers.transports.in_process import InProcess, pair
from spikelock.drivers.transports.url import Scheme
from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.program_file import is_program, load_program

from .simulation import BuiltBoard, SimulatedBoard, build_board
from .virtual_board import BITS_OF_A_BYTE, VirtualBoard


def board_in_process(built: BuiltBoard) -> InProcess:
    """The host's end of a line to a new board."""
    near, far = pair("virtual:", bytes_per_second=built.params.baud / BITS_OF_A_BYTE)
    near.idle = VirtualBoard(SimulatedBoard(built), far).step
    return near


def open_virtual(rest: str, query: Mapping[str, str]) -> InProcess:
    """Of a URL `virtual:`, a board of default size, or `virtual:FILE`, one for a network."""
    if not rest:
        return board_in_process(build_board(BoardParams()))
    if not Path(rest).is_file():
        raise BadInput(f"virtual:{rest}: no such file; a network or a compiled program is needed, or none")
    program = load_program(rest) if is_program(rest) else compile_nir(rest)[0]
    return board_in_process(build_board(BoardParams(chain=program.params)))


SCHEMES: Mapping[str, Scheme] = {"virtual": Scheme(open_virtual, frozenset(), "virtual:digits.spikelock")}
"""For `open_transport` and all that calls it."""
