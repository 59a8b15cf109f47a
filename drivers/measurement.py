"""Goodput and round trips of a link, by ECHO: bulk both ways at once, then one small packet at a time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from spikelock.models.errors import LinkError
from spikelock.models.link.protocol import Channel

from .connection import LONGEST_WORDS
from .link import Link

UNDERWAY = 48
"""Full packets that may have been sent and not yet come back."""

SMALL = bytes(range(16))
ANSWER_IN = 10.0
"""Seconds."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Figures:
    """goodput: bytes a second that were sent on the channel, one way; as many come back at the same time.

    Nothing that the link adds to them counts. median, p99, worst: of the
    round trip of 16 bytes, in seconds.
    """

    goodput: float
    median: float
    p99: float
    worst: float

    def __str__(self) -> str:
        times = "  ".join(f"{time * 1e6:7.0f}" for time in (self.median, self.p99, self.worst))
        return f"{self.goodput / 1e6:7.3f} MB/s   {times} µs"


def measure(link: Link, size: int, trips: int, clock: Clock = time.perf_counter) -> Figures:
    """Of an open link to any board. clock: in whose seconds; a simulated board has its own.

    Raises LinkError where something does not come back, and what `Link.send` raises.
    """
    chunk = bytes(LONGEST_WORDS * UNDERWAY // 4)
    sent = echoed = 0
    start = clock()
    while echoed < size or echoed < sent:
        while sent < size and sent - echoed <= 3 * len(chunk):
            link.send(Channel.ECHO, chunk)
            sent += len(chunk)
        echoed += len(_echo(link))
    goodput = echoed / (clock() - start)
    return summary(goodput, [_trip(link, clock) for _ in range(trips)])


def summary(goodput: float, times: list[float]) -> Figures:
    """Figures of a goodput and of single round trips."""
    times.sort()
    return Figures(goodput, statistics.median(times), times[int(0.99 * (len(times) - 1))], times[-1])


def _trip(link: Link, clock: Clock) -> float:
    start = clock()
    link.send(Channel.ECHO, SMALL)
    _echo(link)
    return clock() - start


def _echo(link: Link) -> bytes:
    echo = link.receive(Channel.ECHO, ANSWER_IN)
    if echo is None:
        raise LinkError(f"{link.transport.name}: nothing was echoed within {ANSWER_IN:g} s")
    return echo
