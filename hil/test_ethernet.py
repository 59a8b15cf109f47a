"""A virtual board behind an Ethernet cable: a host at `udp:` runs the digits network on its whole top."""

from __future__ import annotations

import signal
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spikelock.drivers.board import Board, open_board
from spikelock.drivers.transports.faults import parse_faults
from spikelock.hil.ethernet import HOST_STATION, Host
from spikelock.hil.levels import OnBoard
from spikelock.hil.serving import Line, in_a_process
from spikelock.hil.simulation import BuiltBoard, build_board
from spikelock.models.board.description import BoardParams
from spikelock.models.compare import first_divergence
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput, LineLost, SpikelockError
from spikelock.models.link.ethernet import Station
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.trace import events_of_raster
from spikelock.testbenches.cosim import cosimulate
from spikelock.testbenches.link.stations import Specified
from spikelock.testbenches.network import Spikes, make_levels
from spikelock.testbenches.pytest_plugin import Size

DIGITS = Path(__file__).resolve().parents[1] / "examples" / "digits"
if not DIGITS.is_dir():
    pytest.skip("examples/digits is not here: run the tests in a checkout", allow_module_level=True)
STATION = Station()


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_nir(DIGITS / "digits.nir")[0]


@pytest.fixture(scope="module")
def spikes(program: Program, size: Size) -> Spikes:
    return read_spikes(DIGITS / "test.npz", program.inputs)[0][: size.pick(2, 20)]


@pytest.fixture(scope="module")
def built(program: Program) -> BuiltBoard:
    return build_board(BoardParams(chain=program.params), station=STATION)


def listen(board: Board) -> None:
    """For ten seconds, in which the line should be lost."""
    for _ in range(100):
        board.link.poll(0.1)


@pytest.mark.parametrize("faults", [None, "loss=0.02,duplication=0.02,bit_errors=1e-5,seed=2"])
def test_digits_agree_over_ethernet(
    built: BuiltBoard, program: Program, spikes: Spikes, faults: str | None
) -> None:
    line = Line(0, faults=parse_faults(faults) if faults else None)
    with in_a_process(built, line) as url:
        assert url.startswith("udp:127.0.0.1:")
        levels = [*make_levels(program, ["engine"]), OnBoard(program, url=url)]
        result = cosimulate(program, spikes, levels)
    assert result.agrees
    assert result.neuron_spikes > 50


def test_control_another_weight_is_found(built: BuiltBoard, program: Program, spikes: Spikes) -> None:
    """What the board computes is compared, and not something of the host's."""
    weights = program.configuration.memories["tile0_synapses"].copy()
    weights["weight"] ^= 1
    with in_a_process(built, Line(0)) as url, open_board(url) as board:
        board.load(program)
        board.write_memory("tile0_synapses", weights)
        events = board.run(events_of_raster(spikes[:1], board.incoming))
    assert first_divergence(engine.run(program, spikes[:1]).events, events) is not None


@pytest.mark.parametrize(
    "station", [Station(address=STATION.address + 2), Station(port=STATION.port + 1)], ids=["address", "port"]
)
def test_control_a_board_of_another_address_is_not_reached(built: BuiltBoard, station: Station) -> None:
    """The board's own ARP, and its own port, are what answers."""
    with in_a_process(replace(built, station=station), Line(0)) as at, pytest.raises(LineLost):
        open_board(at, timeout=0.5)


def test_the_command(program: Program) -> None:
    """With --udp it simulates the board with its Ethernet line; it ends on a signal, and the host is told."""
    command = [sys.executable, "-m", "spikelock.cli.main", "virtual-board", "--udp", "0"]
    with subprocess.Popen(
        [*command, "--program", str(DIGITS / "digits.nir")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        with open_board(process.stdout.readline().strip()) as board:
            board.load(program)
            assert board.telemetry()["link_line_errors"] == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
            with pytest.raises(LineLost, match="is lost"):
                listen(board)


def test_ethernet_without_a_port(built: BuiltBoard) -> None:
    with pytest.raises(BadInput, match="needs a UDP port"), in_a_process(built, Line()):
        pass


# ---------------------------------------------------------------- the simulated host
def answered(host: Host, board: Specified, frames: list[bytes]) -> list[bytes]:
    """The datagrams of a board that sends back what it gets."""
    came = []
    while frames:
        for answer in board.answer(frames.pop(0)):
            more, datagram = host.receive(answer)
            frames += more
            came += [datagram] if datagram is not None else []
    return came


def test_host_asks_once_and_then_sends_all() -> None:
    host, board = Host(STATION), Specified(STATION)
    (request,) = host.send(b"\1\2\0")
    assert request[:6] == b"\xff" * 6
    assert host.send(b"\3\0") == []
    assert answered(host, board, [request]) == [b"\1\2\0", b"\3\0"]
    assert answered(host, board, host.send(b"\4" * 200 + b"\0")) == [b"\4" * 200 + b"\0"]
    assert not board.dropped


def test_host_accepts_no_frame_with_a_wrong_byte() -> None:
    host, board = Host(STATION), Specified(STATION)
    reply = board.answer(host.send(b"\1\0")[0])[0]
    (frame,) = host.receive(reply)[0]
    (datagram,) = board.answer(frame)
    assert datagram[:6] == HOST_STATION
    random = np.random.default_rng(1)
    for right in (reply, datagram):
        for at in random.integers(len(right), size=20):
            wrong = bytearray(right)
            wrong[at] ^= 1 << int(random.integers(8))
            with pytest.raises(SpikelockError, match="the board sent a frame that"):
                host.receive(bytes(wrong))


@pytest.mark.parametrize(("at", "length"), [(0, 6), (6, 6), (12, 2), (14, 20), (34, 2), (36, 2), (38, 2)])
def test_host_accepts_no_header_that_is_another(at: int, length: int) -> None:
    """With a right frame check sequence, so that what is behind it is looked at."""
    host, board = Host(STATION), Specified(STATION)
    (frame,) = host.receive(board.answer(host.send(b"\1\0")[0])[0])[0]
    wrong = bytearray(board.answer(frame)[0][:-4])
    wrong[at + length - 1] ^= 4
    with pytest.raises(SpikelockError, match="the board sent a frame that"):
        host.receive(bytes(wrong) + zlib.crc32(wrong).to_bytes(4, "little"))
