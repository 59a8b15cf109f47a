"""Virtual boards as processes: behind a pseudo-terminal or a UDP port, until they are told to end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from spikelock.drivers.transports.faults import Faults, Faulty
from spikelock.drivers.transports.pseudo_terminal import PseudoTerminal
from spikelock.drivers.transports.transport import Transport
from spikelock.drivers.transports.udp import UDPServer
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.testbenches.interrupts import ignore_interrupts, interrupts_later

from .ethernet import Cable
from .simulation import BuiltBoard, SimulatedBoard
from .virtual_board import BITS_OF_A_BYTE, VirtualBoard

SECONDS_TO_END = 5.0


@dataclass(frozen=True)
class Line:
    """What a virtual board is reached by.

    port: of UDP, 0 for any that is free; None for a pseudo-terminal. host: the address that UDP is bound to.
    faults: of the line, on purpose.
    """

    port: int | None = None
    host: str = "127.0.0.1"
    faults: Faults | None = None


def serve(
    built: BuiltBoard,
    line: Line,
    announce: Callable[[str], None],
    stopped: Callable[[], bool],
    *,
    real_time: bool = False,
) -> None:
    """Runs a board until `stopped`; `announce` is told its URL once it can be reached.

    Raises LineLost where the port is in use, BadInput for a board of Ethernet without a port.
    """
    if built.station and line.port is None:
        raise BadInput("a board that is reached over Ethernet needs a UDP port; 0 takes a free one")
    terminal = PseudoTerminal(built.params.baud / BITS_OF_A_BYTE) if line.port is None else None
    plain: Transport = terminal or UDPServer(line.port or 0, line.host)
    with closing(plain), SimulatedBoard(built) as board:
        end: Transport = Faulty(plain, line.faults) if line.faults else plain
        baud = (lambda: terminal.baud) if terminal else (lambda: None)
        if built.station:
            end = Cable(end, built.station)
        virtual = VirtualBoard(board, end, real_time=real_time, host_baud=baud)
        announce(f"{plain.name}?baud={built.params.baud}" if terminal else plain.name)
        virtual.run(stopped)


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether SIGINT or SIGTERM has come."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda got, _: came.append(got)) for number in numbers]
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def in_a_process(built: BuiltBoard, line: Line | None = None, *, real_time: bool = False) -> Iterator[str]:
    """A virtual board in a process of its own; gives its URL. It ends with this one, however this ends."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (built, line or Line(), theirs, real_time)
    process = context.Process(target=_serve_until_closed, args=arguments, daemon=True)
    with interrupts_later():
        process.start()
    theirs.close()
    try:
        try:
            told = ours.recv()
        except (EOFError, OSError):
            raise SpikelockError("the virtual board ended before it could be reached") from None
        if isinstance(told, SpikelockError):
            raise told
        yield told
    finally:
        ours.close()
        process.join(SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()


def _serve_until_closed(built: BuiltBoard, line: Line, parent: Connection, real_time: bool) -> None:
    ignore_interrupts()  # Ctrl-C is for the parent, which then closes the pipe
    with suppress(ConnectionError):  # it has done so before it was told anything
        try:
            serve(built, line, parent.send, parent.poll, real_time=real_time)  # a closed pipe can be read
        except SpikelockError as error:
            parent.send(error)
