"""A board's top, simulated with what is at the other end of its line: bytes in, bytes out.

That is the UART of a host, at two pins; or an Ethernet MAC, at two streams of packets: what goes in and out
then are pairs of a byte of a frame and of 1 where it is its last.
"""

from __future__ import annotations

import ctypes
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.cache import cached, key_of
from spikelock.models.errors import SpikelockError
from spikelock.models.link.ethernet import Station
from spikelock.testbenches import toolchain
from spikelock.testbenches.lockstep.builds import DIRECT_EVAL
from spikelock.testbenches.lockstep.compiling import (
    LIBRARY,
    VERILATE,
    VERILOG,
    compile_unit,
    tools,
    verilate,
)

HARNESS = [Path(__file__).parent / name for name in ("board.hpp", "uart_line.hpp", "mac_line.hpp")]

BUILD = "simulated"
"""Build identifier of a virtual board."""

CYCLE = 1 << 32
"""A clock cycle, in the unit of the harness."""

ROOM = 1 << 16
"""Bytes that may come from the board in one call."""


@dataclass(frozen=True)
class BuiltBoard:
    """A top that is ready to be simulated. A plain value: any process can open it.

    station: the addresses of one that is reached over Ethernet.
    """

    params: BoardParams
    library: Path
    station: Station | None = None


def build_board(params: BoardParams, component: Any = None, station: Station | None = None) -> BuiltBoard:
    """Builds a board's top, or finds it in the build cache.

    component: another top with the same pins, such as one that was broken on purpose. station: the addresses
    of a board that is reached over Ethernet. Raises MissingTool, SpikelockError where a tool fails.
    """
    toolchain.version("amaranth")
    text = _verilog(component) if component else _verilog_of_top(params, station)
    ethernet = ["-DSPIKELOCK_ETHERNET"] if station else []
    key = key_of(text, *(part.read_text() for part in HARNESS), *ethernet, *VERILATE, *tools())

    def make(folder: Path) -> None:
        (folder / VERILOG).write_text(text)
        verilate(folder)
        for part in HARNESS:
            shutil.copy(part, folder / "obj")
        direct = DIRECT_EVAL in (folder / "obj" / "Vdut.cpp").read_text()
        defines = ["-DSPIKELOCK_DIRECT_EVAL"] if direct else []
        compile_unit(folder, ["Vdut.h"], HARNESS[0].name, [*defines, *ethernet])
        shutil.rmtree(folder / "obj")

    return BuiltBoard(params, cached("board", key, make) / LIBRARY, station)


def _verilog(component: Any) -> str:
    from spikelock.rtl.board.without_reset import WithoutReset
    from spikelock.testbenches.lockstep.verilog import verilog

    return verilog(WithoutReset(component), clocks=())


@cache
def _verilog_of_top(params: BoardParams, station: Station | None) -> str:
    return _verilog(top(params, station))


def top(params: BoardParams, station: Station | None = None) -> Any:
    """The hardware of a virtual board."""
    from spikelock.rtl.board.top import Top

    return Top(params, encode(capability(params, BUILD)), station)


class _Exchange(ctypes.Structure):
    _fields_ = [
        ("to_board", ctypes.c_void_p),
        *[(name, ctypes.c_uint64) for name in ("to_board_count", "to_board_done")],
        ("from_board", ctypes.c_void_p),
        *[
            (name, ctypes.c_uint64)
            for name in (
                "from_board_room",
                "from_board_done",
                "cycles_wanted",
                "cycles_done",
                "enough_quiet",
                "quiet",
                "framing_errors",
            )
        ],
    ]


class SimulatedBoard:
    """One board, from power-up on. Close it, or use it as a context manager."""

    def __init__(self, built: BuiltBoard, baud: int | None = None) -> None:
        """baud: of the host's UART, where it is not the board's."""
        self.params = built.params
        self._library = _open_library(built.library)
        self._handle: int | None = self._library.board_open()
        self._from_board = ctypes.create_string_buffer(ROOM)
        self._exchange = _Exchange(enough_quiet=(1 << 64) - 1)
        self._exchange.from_board = ctypes.addressof(self._from_board)
        self.set_baud(baud or built.params.baud)

    def __enter__(self) -> SimulatedBoard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the instance."""
        if self._handle is not None:
            self._library.board_close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        self.close()

    def set_baud(self, baud: int) -> None:
        """The baud rate of the host's UART."""
        self._library.board_bit(self._handle, self.params.clock * CYCLE // baud)

    @property
    def cycles(self) -> int:
        """Clock cycles so far."""
        return int(self._exchange.cycles_done)

    @property
    def quiet(self) -> int:
        """Cycles since anything moved on the line, or the chain computed."""
        return int(self._exchange.quiet)

    @property
    def framing_errors(self) -> int:
        """Bytes from the board without a stop bit, as a host sees them: what comes of another baud rate."""
        return int(self._exchange.framing_errors)

    def advance(self, cycles: int, data: bytes = b"", enough_quiet: int | None = None) -> tuple[int, bytes]:
        """Runs for at most so many cycles, with bytes for the board to receive, one right after another.

        Returns how many of the bytes went, or began to go, and the bytes that the board sent. Returns early
        where the board sent many, or where all is quiet for `enough_quiet` cycles.
        """
        exchange = self._exchange
        exchange.to_board = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)
        exchange.to_board_count, exchange.to_board_done = len(data), 0
        exchange.from_board_room, exchange.from_board_done = ROOM, 0
        exchange.cycles_wanted = cycles
        exchange.enough_quiet = (1 << 64) - 1 if enough_quiet is None else enough_quiet
        if data:
            exchange.quiet = 0
        if not self._library.board_advance(self._handle, ctypes.byref(exchange)):
            message = self._library.board_message(self._handle).decode()
            raise SpikelockError(f"the board's simulation is broken: {message}")
        return int(exchange.to_board_done), self._from_board.raw[: exchange.from_board_done]


def _open_library(path: Path) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    word, pointer = ctypes.c_uint64, ctypes.c_void_p
    for name, result, *arguments in (
        ("open", pointer),
        ("close", None, pointer),
        ("bit", None, pointer, word),
        ("advance", ctypes.c_bool, pointer, pointer),
        ("message", ctypes.c_char_p, pointer),
    ):
        function = getattr(library, f"board_{name}")
        function.restype, function.argtypes = result, arguments
    return library
