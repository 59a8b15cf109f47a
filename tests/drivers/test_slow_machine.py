"""A link on a machine that is busy or asleep: what comes late is late, and nothing else is wrong with it.

Time is made here, so that each of these things happens wherever it can, and at once.
"""

from __future__ import annotations

import itertools
import random
from collections import deque
from dataclasses import dataclass
from typing import Any

import pytest

from spikelock.drivers.endpoint import LARGEST_WINDOW
from spikelock.drivers.link import Link
from spikelock.drivers.loopback import Clock, Loopback
from spikelock.drivers.peer import Peer
from spikelock.drivers.soak import soak
from spikelock.drivers.transports.transport import Transport
from spikelock.models.link.protocol import Channel

ASLEEP = 60.0
"""Seconds: longer than anybody here is patient."""


# ---------------------------------------------------------------- the machine sleeps
@dataclass
class Interrupted:
    """A clock of a host that is stopped for a while, just before it looks at the clock the nth time."""

    clock: Clock
    when: int
    looks: int = 0

    def __call__(self) -> float:
        self.looks += 1
        if self.looks == self.when:
            self.clock.now += ASLEEP
        return self.clock()


def works_with_a_board(loopback: Loopback, when: int) -> Interrupted:
    """A session is opened and used; the host is stopped at the given look at the clock."""
    host, board = loopback.ends("in-process")
    assert loopback.clock is not None
    clock = Interrupted(loopback.clock, when)
    peer = loopback.peer(board)
    line = loopback.link(host, peer).transport
    link = Link(line, LARGEST_WINDOW, clock=clock, chance=random.Random(1))
    link.open()
    for packet in (b"a", b"b"):
        link.send(Channel.ECHO, packet, timeout=0.5)
        assert link.receive(Channel.ECHO, 0.5) == packet
    for _ in range(8):  # until the board is asked whether it is there
        loopback.clock.now += 0.1
        link.poll()
    link.flush(0.5)
    return clock


def test_a_host_that_was_stopped_at_any_point_goes_on(loopback: Loopback) -> None:
    looks = works_with_a_board(loopback, 0).looks
    assert looks > 100
    for when in range(1, looks + 1):
        works_with_a_board(loopback, when)


class Stopping:
    """A line of a host that is stopped right after it found nothing there; the board goes on meanwhile."""

    def __init__(self, line: Transport, peer: Peer, clock: Clock, seconds: float) -> None:
        self.name, self.datagrams = line.name, line.datagrams
        self.longest_write, self.bytes_per_second = line.longest_write, line.bytes_per_second
        self.write, self.wait, self.reopen, self.close = line.write, line.wait, line.reopen, line.close
        self._line, self._peer, self._clock, self._seconds = line, peer, clock, seconds
        self.stops = 0

    def read_into(self, buffer: memoryview) -> int:
        count = self._line.read_into(buffer)
        if count == 0:
            self._peer.poll()
            self._clock.now += self._seconds
            self.stops += 1
        return count


def test_what_came_while_the_host_was_stopped_is_not_sent_again(loopback: Loopback) -> None:
    host, board = loopback.ends("in-process")
    peer = loopback.peer(board)
    assert loopback.clock is not None
    line = Stopping(loopback.link(host, peer).transport, peer, loopback.clock, 2.0)
    link = Link(line, clock=loopback.time, chance=random.Random(1))
    link.open()
    for number in range(20):
        link.send(Channel.ECHO, bytes([number]))
        assert link.receive(Channel.ECHO, 1.0) == bytes([number])
    assert line.stops > 20
    assert link.statistics.replays == 0


# ---------------------------------------------------------------- the board is slow
class Late:
    """A line on which everything comes late, each way."""

    def __init__(self, line: Transport, clock: Clock, seconds: float) -> None:
        self.name, self.datagrams = line.name, line.datagrams
        self.longest_write, self.bytes_per_second = line.longest_write, line.bytes_per_second
        self.reopen, self.close = line.reopen, line.close
        self._line, self._clock, self._seconds = line, clock, seconds
        self._out, self._in = deque[tuple[float, bytes]](), deque[tuple[float, bytes]]()
        self._buffer = memoryview(bytearray(1 << 16))

    def write(self, data: memoryview) -> int:
        self._out.append((self._clock() + self._seconds, bytes(data)))
        return len(data)

    def read_into(self, buffer: memoryview) -> int:
        self._pass_on()
        if not self._in or self._in[0][0] > self._clock():
            return 0
        _, data = self._in.popleft()
        buffer[: len(data)] = data
        return len(data)

    def wait(self, timeout: float, to_write: bool = False) -> None:
        self._line.wait(timeout, to_write)
        self._pass_on()

    def _pass_on(self) -> None:
        while self._out and self._out[0][0] <= self._clock():
            assert self._line.write(memoryview(self._out.popleft()[1]))
        if count := self._line.read_into(self._buffer):
            self._in.append((self._clock() + self._seconds, bytes(self._buffer[:count])))


class Sessions(random.Random):
    """Chooses the lowest number that may be chosen."""

    def choice(self, seq: Any) -> Any:
        return seq[0]


@pytest.mark.parametrize("late", [0.0, 0.06, 0.12, 0.2, 0.3, 0.4, 0.6])
def test_a_board_that_answers_late_is_not_taken_for_that_of_another_host(
    loopback: Loopback, late: float
) -> None:
    """It is in another session, and says so, as often as it was asked, to a host that opens one meanwhile."""
    assert loopback.clock is not None
    host, board = loopback.ends("in-process")
    peer = loopback.peer(board)
    numbers = itertools.count()
    for _ in range(3):  # each host finds the session of the one before
        line = Late(loopback.link(host, peer).transport, loopback.clock, late)
        link = Link(line, LARGEST_WINDOW, clock=loopback.time, chance=Sessions())
        link.open(timeout=10.0)
        assert soak(link, 20, seed=next(numbers)).ok
        for _ in range(100):
            link.poll(0.02)
        link.flush()
