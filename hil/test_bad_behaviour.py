"""Bad input and bad behaviour at a virtual board: a clear message, the other side lives on, nothing hangs."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from spikelock.drivers import link as host
from spikelock.drivers.board import Board, Registers, open_board
from spikelock.drivers.frames import encode
from spikelock.drivers.link import Link, connect
from spikelock.drivers.loopback import Clock
from spikelock.drivers.measurement import measure
from spikelock.drivers.soak import soak
from spikelock.drivers.transports.in_process import InProcess, pair
from spikelock.drivers.transports.udp import UDPServer
from spikelock.drivers.transports.url import open_transport
from spikelock.hil import virtual_board
from spikelock.hil.in_process import SimulatedTime, board_and_clock
from spikelock.hil.serving import Line, in_a_process
from spikelock.hil.simulation import BuiltBoard, SimulatedBoard, build_board
from spikelock.hil.test_virtual_board import CHAIN, PARAMS
from spikelock.hil.virtual_board import BITS_OF_A_BYTE, PATIENCE, VirtualBoard
from spikelock.models.board import capability
from spikelock.models.board.registers import CHAIN_REGISTERS
from spikelock.models.errors import BadInput, LineLost, LinkError, RangeError, SessionLost
from spikelock.models.fabric import chain, tile
from spikelock.models.link.protocol import LONGEST_BODY, VERSION, Channel, Kind

OWN = f"127.1.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
"""An address of this machine that nobody else uses: a port of it that was given back stays free."""

LINES = {"pseudo-terminal": Line(), "udp": Line(0, OWN)}


@pytest.fixture(scope="module")
def built() -> BuiltBoard:
    return build_board(PARAMS)


@pytest.fixture(scope="module")
def url(built: BuiltBoard) -> Iterator[str]:
    """Of a board in a process of its own, that each test here finds alive."""
    with in_a_process(built) as at:
        yield at


@pytest.fixture
def line(built: BuiltBoard) -> tuple[InProcess, SimulatedTime]:
    """To a board in this process, and its time."""
    return board_and_clock(built)


@pytest.fixture
def link(line: tuple[InProcess, SimulatedTime]) -> Link:
    """Open, and in the board's time."""
    link = Link(line[0], clock=line[1], chance=random.Random(1))
    link.open()
    return link


# ---------------------------------------------------------------- the line's own limit
def test_bulk_in_both_directions_takes_nine_tenths_of_the_line(
    line: tuple[InProcess, SimulatedTime], link: Link
) -> None:
    """A byte for every ten bits, in the board's own time: so it is the same on every machine."""
    with Board(link):
        figures = measure(link, 25_000, 20, line[1])
        assert figures.goodput * BITS_OF_A_BYTE >= 0.9 * PARAMS.baud
        assert link.statistics.replays == 0


def test_control_a_host_that_sends_more_than_the_board_holds_does_not(
    line: tuple[InProcess, SimulatedTime], link: Link
) -> None:
    with Board(link):
        link.window = 64
        figures = measure(link, 25_000, 20, line[1])
        assert figures.goodput * BITS_OF_A_BYTE < 0.8 * PARAMS.baud
        assert link.statistics.replays > 0


# ---------------------------------------------------------------- what comes is wrong
def test_malformed_frames_are_dropped_and_counted(link: Link) -> None:
    good = encode(bytes((Kind.DATA, link.session, 0)) + b"\x0f?")
    dropped = {
        "a bit is wrong": bytes((good[0], good[1] ^ 4)) + good[2:],
        "its end is missing": good[:-4] + b"\0",
        "a code points behind the delimiter": b"\x09" + good[1:3] + b"\0",
        "it is too short": encode(bytes(2)),
        "it is too long": encode(bytes([1]) * (LONGEST_BODY + 1)),
        "it has no end for long": bytes([7]) * 5_000 + b"\0",
    }
    ignored = {
        "its kind is unknown": encode(bytes((9, link.session, 0))),
        "it is of another session": encode(bytes((Kind.DATA, link.session ^ 1, 0)) + b"\x0f?"),
        "it opens no session": encode(bytes((Kind.OPEN, 0, VERSION))),
        "it acknowledges what was never sent": encode(bytes((Kind.ACKNOWLEDGE, link.session, 200))),
        "it has no packet": encode(bytes((Kind.DATA, link.session, 0))),
    }
    with Board(link) as board:
        for what, frame in (dropped | ignored).items():
            before = board.registers["link_errors"]
            link.flush()
            link.transport.write(memoryview(frame))
            assert board.registers["link_errors"] - before == (what in dropped), what
            assert soak(link, 3).ok, what


def test_packets_that_break_the_rules_are_refused_and_counted(link: Link) -> None:
    with Board(link) as board:
        for count, channel in enumerate((Channel.PROBES, 9, 14), 1):
            link.send(channel, b"?")
            assert board.registers["link_refused"] == count


def test_a_host_of_another_version_is_told_and_changes_nothing(
    line: tuple[InProcess, SimulatedTime], link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Board(link) as board:
        board.registers["scratch"] = 77
        link.transport.write(memoryview(encode(bytes((Kind.OPEN, link.session % 255 + 1, VERSION + 1)))))
        assert board.registers["scratch"] == 77
        with monkeypatch.context() as patch:
            patch.setattr(host, "VERSION", VERSION + 1)
            with pytest.raises(
                LinkError, match="keeps version 1 of the link's rules, this spikelock version 2"
            ):
                Link(line[0], clock=line[1]).open()
        assert board.registers["scratch"] == 77


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("VERSION", 2, "record has version 1; this spikelock reads version 2: build"),
        (
            "register_hash",
            lambda board: "0123",
            "register map has the hash .*; this spikelock knows 0123: build",
        ),
    ],
)
def test_a_board_that_is_not_known_is_refused_and_left_alone(
    url: str, name: str, value: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(capability, name, value)
        with pytest.raises(BadInput, match=message):
            open_board(url)
    with open_board(url) as board:  # the port was given back
        assert board.registers["scratch"] == 0


def test_registers_out_of_range(link: Link) -> None:
    with Board(link) as board:
        chain_registers = len(chain.registers(CHAIN))
        for address in (0x0FFF, CHAIN_REGISTERS + chain_registers, 0x1FFF, 0xFFFF):
            with pytest.raises(LinkError, match=f"0x{address:X} does not exist"):
                Registers(link, address).read(0)
            with pytest.raises(LinkError, match=f"0x{address:X} does not exist"):
                Registers(link, address).write(0, 1)
        with pytest.raises(BadInput, match="no register is called 'speed'; there are: "):
            board.registers["speed"] = 1
        with pytest.raises(RangeError, match="scratch = 4294967296 does not fit"):
            board.registers["scratch"] = 1 << 32
        assert board.registers["scratch"] == 0


# ---------------------------------------------------------------- hosts that stop, and others that come
def test_a_host_that_takes_no_events_holds_up_nothing_else(link: Link) -> None:
    with Board(link) as board:
        board.registers["run"] = 1
        ticks, sent = 9_000, 0
        while board.telemetry()["events_leaving"] < 100:
            sent += (some := min(link.credit(Channel.EVENTS), ticks - sent))
            link.send(Channel.EVENTS, bytes([tile.Kind.TICK]) * some)
            link.poll(0.01)
        assert soak(link, 20).ok
        while sent < ticks or board.events_taken < ticks:
            sent += (some := min(link.credit(Channel.EVENTS), ticks - sent))
            link.send(Channel.EVENTS, bytes([tile.Kind.TICK]) * some)
            assert all(np.all(part["kind"] == tile.Kind.TICK) for part in board.take_events(0.1))
        assert board.events_taken == board.registers["events_out"] == ticks
        assert board.registers["dropped"] == 0


def test_a_host_that_reads_nothing_for_a_while(built: BuiltBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the board has sent meanwhile is lost, as on a wire; it does not wait, and the link goes on."""
    seconds = itertools.count(
        0.0, PATIENCE / 100
    )  # one after the other, whenever the board looks at the time
    passing = SimpleNamespace(monotonic=lambda: next(seconds))
    monkeypatch.setattr(virtual_board, "time", passing)
    capacity = 4096
    near, far = pair(capacity=capacity)
    board = SimulatedBoard(built)
    clock = SimulatedTime(board, VirtualBoard(board, far))
    near.idle = clock.idle
    with Link(near, clock=clock, chance=random.Random(1)) as link:
        link.open()
        ask = encode(bytes((Kind.ACKNOWLEDGE, 0, 0)))  # answered by as many bytes
        asked = 0
        while asked < 4 * capacity:
            asked += near.write(memoryview(6 * ask))
            clock.idle(0.0)
        before = link.statistics.bytes_received
        assert soak(link, 20).ok
        assert link.statistics.bytes_received - before < asked


def test_half_a_frame_of_a_host_that_is_gone_does_no_harm_to_the_next(url: str) -> None:
    with connect(url) as link:
        frame = encode(bytes((Kind.DATA, link.session, 0, Channel.ECHO)) + bytes(range(200)))
        link.transport.write(memoryview(frame[:100]))
    with connect(url) as link:
        assert soak(link, 20).ok


def test_a_line_that_is_cut_within_frames_is_resumed_without_loss(url: str) -> None:
    link = Link(open_transport(f"{url}&faults=disconnects=0.05,seed=3"))
    with link:
        link.open()
        result = soak(link, 60)
        assert result.ok
        assert result.resumed > 0


@pytest.mark.parametrize("line", LINES)
def test_a_board_is_killed_and_another_started(built: BuiltBoard, line: str, tmp_path: Path) -> None:
    """Within a second the host knows; what it sent and nobody acknowledged, it says."""
    plug = tmp_path / "board"

    def plugged(at: str) -> str:
        if line == "udp":
            return at
        plug.unlink(missing_ok=True)
        plug.symlink_to(at.removeprefix("serial:").partition("?")[0])
        return f"serial:{plug}"

    others = set(multiprocessing.active_children())
    with in_a_process(built, LINES[line]) as at:
        link = connect(plugged(at))
        (board,) = set(multiprocessing.active_children()) - others
        assert soak(link, 20).ok
        assert board.pid is not None
        os.kill(board.pid, signal.SIGSTOP)  # so that it answers none of these
        for _ in range(3):
            link.send(Channel.ECHO, bytes(246))
        board.kill()
        board.join()
        with pytest.raises(LineLost, match=r"is lost.*Not acknowledged: 3 packets .*echo 3"):
            wait(link, 1.0)
        plug.unlink(missing_ok=True)  # the next pseudo-terminal of anybody's may have the same name
        with pytest.raises(LineLost):
            link.resume(timeout=0.0)
    port = int(at.rpartition(":")[2]) if line == "udp" else None
    with in_a_process(built, Line(port, OWN)) as at:
        plugged(at)
        with pytest.raises(SessionLost, match=r"was restarted.*perhaps lost: 3 packets .*echo 3"):
            link.resume()
        link.open()
        assert soak(link, 20).ok
        link.close()


def wait(link: Link, seconds: float) -> None:
    """In parts, as a machine may sleep through one."""
    for _ in range(10):
        link.poll(seconds / 10)


OWNER = """
import pickle, sys, time
from spikelock.hil.serving import Line, in_a_process
with in_a_process(pickle.loads(bytes.fromhex(sys.argv[1])), Line(0, sys.argv[2])) as at:
    print(at, flush=True)
    time.sleep(3600)
"""


def test_a_board_ends_with_the_process_that_began_it_however_that_ends(built: BuiltBoard) -> None:
    command = [sys.executable, "-c", OWNER, pickle.dumps(built).hex(), OWN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline().rpartition(":")[2])
        with pytest.raises(LineLost, match="cannot be taken"):
            UDPServer(port, OWN)
        owner.kill()
    for _ in range(1000):
        with contextlib.suppress(LineLost):
            return UDPServer(port, OWN).close()
        time.sleep(0.1)
    raise AssertionError("it still holds its port")


def test_a_port_in_use_is_said(built: BuiltBoard) -> None:
    with contextlib.closing(UDPServer()) as other:
        begun = in_a_process(built, Line(other.port))
        with pytest.raises(LineLost, match=r"cannot be taken.*port 0"):
            begun.__enter__()


# ---------------------------------------------------------------- a board that is paced
def test_a_paced_board_keeps_to_its_clock_and_catches_up(
    built: BuiltBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its machine did nothing, it soon has done as many cycles as its clock would have."""
    clock = Clock()
    monkeypatch.setattr(virtual_board, "time", SimpleNamespace(monotonic=clock))
    _, line = pair()
    board = SimulatedBoard(built)
    paced = VirtualBoard(board, line, real_time=True)
    began = clock.now

    def wait(timeout: float) -> None:
        clock.now += timeout

    line.idle = wait
    for asleep in (0.0, 0.1):
        clock.now += asleep
        while (ahead := board.cycles - (clock.now - began) * PARAMS.clock) < 0 or clock.now < began + 0.1:
            paced.step(virtual_board.LONGEST_WAIT)
        assert ahead <= virtual_board.SLICE
