"""Goodput and round trips of the link, beside what the same line carries without it.

    python benchmarks/link.py

Every byte is echoed by a process of its own: over the link by a software board, and bare, over the same kind
of line with the same number of bytes underway, by a loop that sends back what it reads. The two take turns,
and the ratio is the median over the rounds. Goodput counts the bytes of packets, one way; as many come back.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from spikelock.drivers.connection import LONGEST_WORDS
from spikelock.drivers.frames import LONGEST_FRAME
from spikelock.drivers.link import Link
from spikelock.drivers.peer import Peer
from spikelock.drivers.transports.pseudo_terminal import PseudoTerminal
from spikelock.drivers.transports.serial_port import SerialPort
from spikelock.drivers.transports.transport import Transport
from spikelock.drivers.transports.udp import UDP, UDPServer
from spikelock.models.link.protocol import Channel

UNDERWAY = 48
"""Packets sent and not echoed yet."""

WANTED = {"udp": 0.05, "pseudo-terminal": 0.05}
"""Goodput over the link by that of the bare line, at least."""

SMALL = bytes(range(16))


@dataclass(frozen=True)
class Figures:
    """goodput: bytes a second, one way. median, p99, worst: of the round trip of 16 bytes, in seconds."""

    goodput: float
    median: float
    p99: float
    worst: float

    def __str__(self) -> str:
        times = "  ".join(f"{time * 1e6:7.0f}" for time in (self.median, self.p99, self.worst))
        return f"{self.goodput / 1e6:7.2f} MB/s   {times} µs"


def measure(link: Link, size: int, trips: int, clock: Callable[[], float] = time.perf_counter) -> Figures:
    """Of an open link to any board. clock: in whose seconds; a simulated board may have its own."""
    chunk = bytes(LONGEST_WORDS * UNDERWAY // 4)
    sent = echoed = 0
    start = clock()
    while echoed < size or echoed < sent:
        while sent < size and sent - echoed <= 3 * len(chunk):
            link.send(Channel.ECHO, chunk)
            sent += len(chunk)
        echoed += len(link.receive(Channel.ECHO, 10.0) or b"")
    goodput = echoed / (clock() - start)
    times = [round_trip(lambda: echo(link), clock) for _ in range(trips)]
    return summary(goodput, times)


def echo(link: Link) -> None:
    """One small packet there and back."""
    link.send(Channel.ECHO, SMALL)
    if link.receive(Channel.ECHO, 10.0) is None:
        raise SystemExit("a packet did not come back")


def measure_bare(line: Transport, size: int, trips: int) -> Figures:
    """Of a line without a link, at whose end all is sent back; bytes may get lost on the way."""
    block = memoryview(bytes(line.longest_write if line.datagrams else UNDERWAY * LONGEST_FRAME // 4))
    extra = 1 if line.datagrams else 0  # a datagram is read with a zero before it
    buffer = memoryview(bytearray(1 << 16))
    most = UNDERWAY * LONGEST_FRAME
    sent = echoed = 0
    start = time.perf_counter()
    while echoed < size:
        if sent < size and sent - echoed + len(block) <= most and (count := line.write(block)):
            sent += count
            continue
        count = line.read_into(buffer)
        if count:
            echoed += count - extra
        else:
            line.wait(0.05)
            if not (count := line.read_into(buffer)):
                echoed = sent
            else:
                echoed += count - extra
    goodput = size / (time.perf_counter() - start)

    def trip() -> None:
        line.write(memoryview(SMALL))
        line.wait(1.0)
        line.read_into(buffer)

    return summary(goodput, [round_trip(trip, time.perf_counter) for _ in range(trips)])


def round_trip(trip: Callable[[], None], clock: Callable[[], float]) -> float:
    """How long one takes."""
    start = clock()
    trip()
    return clock() - start


def summary(goodput: float, times: list[float]) -> Figures:
    """Figures of a goodput and of single round trips."""
    times.sort()
    return Figures(goodput, statistics.median(times), times[int(0.99 * (len(times) - 1))], times[-1])


# ---------------------------------------------------------------- the other end
def host_end(kind: str, where: str) -> Transport:
    """The line to what `other_end` announced."""
    return SerialPort(where) if kind == "pseudo-terminal" else UDP("127.0.0.1", int(where))


def serve(kind: str, bare: bool, parent: Connection) -> None:
    """Echoes until the parent closes its pipe."""
    line: PseudoTerminal | UDPServer = PseudoTerminal() if kind == "pseudo-terminal" else UDPServer()
    parent.send(line.path if isinstance(line, PseudoTerminal) else str(line.port))
    peer = Peer(line)
    buffer = memoryview(bytearray(1 << 16))
    while not parent.poll():
        for _ in range(100):
            if bare:
                echo_bare(line, buffer)
            else:
                peer.poll(0.02)


def echo_bare(line: Transport, buffer: memoryview) -> None:
    """Sends back what has come, all of it."""
    line.wait(0.02)
    count = line.read_into(buffer)
    start = 1 if line.datagrams else 0
    while start < count:
        written = line.write(buffer[start:count])
        start += written
        if not written:
            line.wait(0.02, to_write=True)


@contextmanager
def other_end(kind: str, bare: bool) -> Iterator[Transport]:
    """The host's end of a line at whose other end a process echoes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(kind, bare, theirs), daemon=True)
    process.start()
    theirs.close()
    line = host_end(kind, ours.recv())
    try:
        yield line
    finally:
        line.close()
        ours.close()
        process.join()


def compare(kind: str, size: int, trips: int) -> tuple[Figures, Figures]:
    """Over the link, and bare."""
    with other_end(kind, bare=False) as line:
        link = Link(line)
        link.open()
        linked = measure(link, size, trips)
    with other_end(kind, bare=True) as line:
        return linked, measure_bare(line, size, trips)


def main() -> int:
    """Prints the figures; returns 1 where a ratio is below the one wanted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bytes", type=int, default=4_000_000, help="sent in bulk, each round")
    parser.add_argument("--trips", type=int, default=2_000, help="single round trips, each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures: dict[str, Any] = {}
    print(f"{'':18}{'goodput':>12}   {'median':>7}  {'p99':>7}  {'worst':>7}")
    for kind in WANTED:
        rounds = [compare(kind, arguments.bytes, arguments.trips) for _ in range(arguments.rounds)]
        ratio = statistics.median(linked.goodput / bare.goodput for linked, bare in rounds)
        linked, bare = (max(side, key=lambda each: each.goodput) for side in zip(*rounds, strict=True))
        print(
            f"{kind:18}{linked}\n{'  bare':18}{bare}\n{'  ratio':18}{ratio:7.3f}   (wanted: {WANTED[kind]})"
        )
        figures[kind] = {"link": asdict(linked), "bare": asdict(bare), "ratio": ratio}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    return int(any(figures[kind]["ratio"] < wanted for kind, wanted in WANTED.items()))


if __name__ == "__main__":
    sys.exit(main())
