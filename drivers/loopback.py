"""Both ends of a link in one loop, over any line of this machine: for tests and measurements."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .endpoint import LARGEST_WINDOW
from .link import PATIENCE, Link
from .peer import Peer
from .transports.faults import Faults, Faulty
from .transports.in_process import pair
from .transports.pseudo_terminal import PseudoTerminal
from .transports.serial_port import SerialPort
from .transports.transport import Transport
from .transports.udp import UDP, UDPServer

LINES = ("in-process", "pseudo-terminal", "udp")

TICK = 0.001
"""Seconds that pass while both ends wait."""

SHORTEST_WAIT = 1e-6
"""Seconds: so that time does pass."""


@dataclass
class Clock:
    """Time that passes only while both ends wait, so that nobody has to wait for a timeout."""

    now: float = 1.0

    def __call__(self) -> float:
        return self.now


class Stepped:
    """A transport that runs the other end while it waits."""

    def __init__(self, line: Transport, other_end: Callable[[], object], clock: Clock | None) -> None:
        self.line = line
        self.name, self.datagrams = line.name, line.datagrams
        self.longest_write, self.bytes_per_second = line.longest_write, line.bytes_per_second
        self.write, self.read_into = line.write, line.read_into
        self.reopen, self.close = line.reopen, line.close
        self.other_end, self._clock = other_end, clock

    def wait(self, timeout: float, to_write: bool = False) -> None:
        self.other_end()
        self.line.wait(0.0, to_write)
        if self._clock is not None:
            self._clock.now += max(min(timeout, TICK), SHORTEST_WAIT)


@dataclass
class Loopback:
    """Makes hosts and software boards that share a clock: one of their own, or the machine's."""

    clock: Clock | None = field(default_factory=Clock)
    made: list[Transport] = field(default_factory=list)

    @property
    def time(self) -> Callable[[], float]:
        """What tells the time."""
        return self.clock or time.monotonic

    def ends(self, line: str) -> tuple[Transport, Transport]:
        """The host's end and the board's of a new line: one of `LINES`."""
        host: Transport
        board: Transport
        if line == "in-process":
            host, board = pair()
            host.idle = board.idle = lambda timeout: None
        elif line == "pseudo-terminal":
            board = PseudoTerminal()
            host = SerialPort(board.path)
        else:
            board = UDPServer()
            host = UDP("127.0.0.1", board.port)
        self.made += [host, board]
        return host, board

    def peer(self, line: Transport, window: int = LARGEST_WINDOW) -> Peer:
        """A board's end."""
        return Peer(line, window, clock=self.time)

    def link(
        self, line: Transport, peer: Peer, faults: Faults | None = None, patience: float = PATIENCE
    ) -> Link:
        """A host's end, not opened yet, that runs the peer while it waits."""
        stepped: Transport = Stepped(line, peer.poll, self.clock)
        if faults is not None:
            stepped = Faulty(stepped, faults, self.time)
        return Link(stepped, LARGEST_WINDOW, patience, self.time, random.Random(1))

    def connected(
        self, line: str, faults: Faults | None = None, window: int = LARGEST_WINDOW
    ) -> tuple[Link, Peer]:
        """A host and a board at the ends of a line, with a session."""
        host, board = self.ends(line)
        peer = self.peer(board, window)
        link = self.link(host, peer, faults)
        link.open()
        return link, peer

    def close(self) -> None:
        """Closes all lines."""
        for line in self.made:
            line.close()
