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

SHORTEST_REST = 1e-6
"""Seconds: so that time does pass."""


def board_in_process(built: BuiltBoard) -> InProcess:
    """The host's end of a line to a new board."""
    return board_and_clock(built)[0]


def board_and_clock(built: BuiltBoard) -> tuple[InProcess, SimulatedTime]:
    """The host's end of a line to a new board, and the time that passes for the two."""
    near, far = pair("virtual:", bytes_per_second=built.params.baud / BITS_OF_A_BYTE)
    board = SimulatedBoard(built)
    clock = SimulatedTime(board, VirtualBoard(board, far))
    near.idle = clock.idle
    return near, clock


class SimulatedTime:
    """Seconds on the clock of a board in this process; how fast the machine simulates them plays no part.

    idle: runs the board a little. A board that rests lets the time pass that its host would have waited.
    """

    def __init__(self, board: SimulatedBoard, virtual: VirtualBoard) -> None:
        self._board, self._virtual = board, virtual
        self._rested = 0.0

    def __call__(self) -> float:
        return self._board.cycles / self._board.params.clock + self._rested

    def idle(self, timeout: float) -> None:
        before = self._board.cycles
        self._virtual.step(timeout)
        if self._board.cycles == before:
            self._rested += max(timeout, SHORTEST_REST)


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
