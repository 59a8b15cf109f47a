"""Goodput and round trips of the link: beside what the same line carries without it, and of a virtual board.

    python benchmarks/link.py

Beside the bare line: every byte is echoed by a process of its own, over the link by a software board, and
bare, over the same kind of line (of UDP, a connected socket) with the same number of bytes underway, by a
loop that sends back what it reads. The two take turns, and the ratio is the median over the rounds. Goodput
counts the bytes sent on a channel, one way; as many come back.

Of a virtual board: its bits are simulated one by one, and its own clock tells the time, so that the figures
are the same on every machine. The share is that of the line: a byte for every ten bits, one way.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.drivers.board import CYCLES_COUNTED, Board, open_board
from spikelock.drivers.endpoint import LARGEST_WINDOW
from spikelock.drivers.frames import LONGEST_FRAME
from spikelock.drivers.link import Link
from spikelock.drivers.measurement import SMALL, UNDERWAY, Figures, measure, summary
from spikelock.drivers.peer import Peer
from spikelock.drivers.transports.pseudo_terminal import PseudoTerminal
from spikelock.drivers.transports.serial_port import SerialPort
from spikelock.drivers.transports.transport import Transport
from spikelock.drivers.transports.udp import UDP, UDPServer
from spikelock.hil.in_process import board_and_clock
from spikelock.hil.selftest.computing import random_program
from spikelock.hil.serving import in_a_process
from spikelock.hil.simulation import build_board
from spikelock.hil.virtual_board import BITS_OF_A_BYTE
from spikelock.models.board.channels import record_bytes
from spikelock.models.board.description import BoardParams
from spikelock.models.fabric import chain, tile
from spikelock.models.neurons import lif

WANTED = {"udp": 0.05, "pseudo-terminal": 0.05}
"""Goodput over the link by that of the bare line, at least."""

SHARE = 0.9
"""Of what a virtual board's line can carry, wanted in bulk."""

CHAIN = chain.Params((tile.Params(lif.Params(width=10, threshold=40), 8, 64, 1 << 14),))
"""With 72 addresses, so that an event that leaves has two bytes, and a large memory."""

MEMORY = "tile0_synapses"
EVENTS = 60_000
EVENTS_OF_A_TICK = 10


# ---------------------------------------------------------------- a virtual board
def on_a_virtual_board(size: int, trips: int) -> tuple[Figures, dict[str, float]]:
    """Round trips, and the share of the line's bytes that are a user's, for each use of it."""
    params = BoardParams(chain=CHAIN)
    line, clock = board_and_clock(build_board(params))
    link = Link(line, clock=clock, chance=random.Random(1))
    link.open()
    with Board(link) as board:

        def share(use: Callable[[], int]) -> float:
            """Of a use that returns how many bytes passed, in the direction in which most did."""
            start = clock()
            return use() / (clock() - start) * BITS_OF_A_BYTE / params.baud

        chance = np.random.default_rng(1)
        program = random_program(params.chain, chance)
        board.load(program)
        records = program.configuration.memories[MEMORY]
        memory = chain.memories(params.chain)[MEMORY].layout

        def write() -> int:
            board.write_memory(MEMORY, records)
            return len(records) * record_bytes(memory)

        def read() -> int:
            return len(board.read_memory(MEMORY)) * record_bytes(memory)

        def run() -> int:
            events = np.zeros(EVENTS, board.incoming.dtype)
            events["address"] = chance.integers(0, params.chain.tiles[0].axons, EVENTS)
            events[EVENTS_OF_A_TICK - 1 :: EVENTS_OF_A_TICK] = (tile.Kind.TICK, 0)
            return len(board.run(events)) * record_bytes(board.outgoing)

        figures = measure(link, size, trips, clock)
        shares = {"echo, as much each way": figures.goodput * BITS_OF_A_BYTE / params.baud}
        shares |= {"memory written": share(write), "memory read": share(read), "events out": share(run)}
        return figures, shares


def through_a_pseudo_terminal(size: int) -> float:
    """The share of the line's bytes that are echoed ones, where the board is a process of its own.

    Its clock goes on while the host has other things to do, so this figure depends on the machine.
    """
    params = BoardParams(chain=CHAIN)
    with in_a_process(build_board(params)) as url, open_board(url) as board:
        start = board.registers["cycles"]
        measure(board.link, size, 1)
        seconds = (board.registers["cycles"] - start) % CYCLES_COUNTED / params.clock
        return size * BITS_OF_A_BYTE / seconds / params.baud


# ---------------------------------------------------------------- beside the bare line
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

    def trip() -> float:
        start = time.perf_counter()
        line.write(memoryview(SMALL))
        line.wait(1.0)
        line.read_into(buffer)
        return time.perf_counter() - start

    return summary(goodput, [trip() for _ in range(trips)])


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
        link = Link(line, LARGEST_WINDOW)  # the software board's, too
        link.open()
        linked = measure(link, size, trips)
    with other_end(kind, bare=True) as line:
        return linked, measure_bare(line, size, trips)


def main() -> int:
    """Prints the figures; returns 1 where a ratio or a share is below the one wanted."""
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
    for kind, wanted in WANTED.items():
        rounds = [compare(kind, arguments.bytes, arguments.trips) for _ in range(arguments.rounds)]
        ratio = statistics.median(linked.goodput / bare.goodput for linked, bare in rounds)
        linked, bare = (max(side, key=lambda each: each.goodput) for side in zip(*rounds, strict=True))
        print(f"{kind:18}{linked}\n{'  bare':18}{bare}\n{'  ratio':18}{ratio:7.3f}   (wanted: {wanted})")
        figures[kind] = {"link": asdict(linked), "bare": asdict(bare), "ratio": ratio}
    simulated, shares = on_a_virtual_board(arguments.bytes // 10, arguments.trips // 10)
    print(f"{'virtual board':18}{simulated}")
    for use, share in shares.items():
        print(f"  {use:24}{share:7.1%} of the line   (wanted: {SHARE:.0%})")
    share = through_a_pseudo_terminal(arguments.bytes // 10)
    print(f"  {'echo, pseudo-terminal':24}{share:7.1%} of the line")
    figures["virtual board"] = {"pseudo-terminal": share, "link": asdict(simulated), "shares": shares}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    missed = [kind for kind, wanted in WANTED.items() if figures[kind]["ratio"] < wanted]
    return int(bool(missed) or min(shares.values()) < SHARE)


if __name__ == "__main__":
    sys.exit(main())
