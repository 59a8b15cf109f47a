"""A board that is simulated, behind a line: what `spikelock virtual-board` runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from spikelock.drivers.transports.transport import Transport
from spikelock.models.errors import LineLost

from .simulation import SimulatedBoard

BITS_OF_A_BYTE = 10
"""On the line: a start bit, eight of data, a stop bit."""

SLICE = 2_000
"""Clock cycles between two looks at the line: some milliseconds."""

STILL = 1_000_000
"""Cycles without a sign after which a board does nothing until it hears something; none of its timers is
longer."""

HOST_IS_AWAY = 0.5
"""Seconds without a byte from a host after which a board that does not compute is simulated slowly."""

REST = 10
"""How many times longer than it works such a board rests."""

MOST_WAITING = 1 << 18
"""Bytes for the host that may wait: then the board waits, too. A line whose host reads nothing for `PATIENCE`
seconds loses them, as a wire would."""

PATIENCE = 1.0
LONGEST_WAIT = 0.2
"""Seconds after which it is seen that the board shall stop."""

END_OF_FRAME = b"\x00"


class VirtualBoard:
    """Moves bytes between a simulated board and a line. Whatever comes of the line, it goes on.

    real_time: no faster than the board's clock; without a host it runs on, too. host_baud: the speed to which
    a host has set its port now, where the line knows.
    """

    def __init__(
        self,
        board: SimulatedBoard,
        line: Transport,
        *,
        real_time: bool = False,
        host_baud: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._board = board
        self._line = line
        self._host_baud = host_baud
        self._real_time = real_time
        self._buffer = memoryview(bytearray(1 << 16))
        self._to_board = b""
        self._to_host = bytearray()
        self._heard = self._taken = time.monotonic()
        self._began = self._heard
        self._cycles_at_start = board.cycles

    def run(self, stopped: Callable[[], bool]) -> None:
        """Goes on until `stopped` says so."""
        while not stopped():
            self.step(LONGEST_WAIT)

    def step(self, timeout: float) -> None:
        """Moves what can be moved, runs the board a little, or waits, for at most `timeout` seconds."""
        try:
            self._listen()
            self._speak()
            self._pass_time(timeout)
            self._speak()
        except LineLost:
            self._begin_again(timeout)

    def _listen(self) -> None:
        if len(self._to_board) > SLICE:
            return
        count = self._line.read_into(self._buffer)
        if count:
            self._to_board += self._buffer[:count]
            self._heard = time.monotonic()
            self._board.set_baud(self._host_baud() or self._board.params.baud)

    def _speak(self) -> None:
        """Hands on what the board has sent; on a line of datagrams, whole frames."""
        while self._to_host:
            end = min(len(self._to_host), self._line.longest_write)
            if self._line.datagrams:
                end = self._to_host.rfind(END_OF_FRAME, 0, end) + 1
                if end == 0 and len(self._to_host) < self._line.longest_write:
                    return
                end = end or self._line.longest_write
            with memoryview(self._to_host) as data, data[:end] as piece:
                count = self._line.write(piece)
            if not count:
                break
            del self._to_host[:count]
            self._taken = time.monotonic()
        if not self._to_host:
            self._taken = time.monotonic()
        elif time.monotonic() - self._taken > PATIENCE:
            self._to_host.clear()

    def _pass_time(self, timeout: float) -> None:
        board = self._board
        if len(self._to_host) > MOST_WAITING:
            self._line.wait(min(timeout, 0.01), to_write=True)
            return
        if self._real_time:
            ahead = (board.cycles - self._cycles_at_start) / board.params.clock
            ahead -= time.monotonic() - self._began
            if ahead > 0:
                self._line.wait(min(timeout, ahead))
        elif not self._to_board and board.quiet >= STILL:
            self._line.wait(timeout, to_write=bool(self._to_host))
            return
        began = time.monotonic()
        taken, data = board.advance(SLICE, self._to_board)
        self._to_board = self._to_board[taken:]
        self._to_host += data
        now = time.monotonic()
        if not self._real_time and board.quiet and now - self._heard > HOST_IS_AWAY:
            self._line.wait(min(timeout, REST * (now - began)))

    def _begin_again(self, timeout: float) -> None:
        """After the line was lost: with a new one, if there is one."""
        self._to_board = b""
        self._to_host.clear()
        try:
            self._line.reopen()
        except LineLost:
            time.sleep(min(timeout, LONGEST_WAIT))
