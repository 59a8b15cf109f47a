"""A virtual board: the level `virtual`, hosts that misbehave, and what a host is told when a board does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from spikelock.drivers.board import Board, Registers, open_board
from spikelock.drivers.link import Link, connect
from spikelock.drivers.transports.faults import parse_faults
from spikelock.drivers.transports.url import open_transport
from spikelock.hil.in_process import SCHEMES, board_and_clock
from spikelock.hil.levels import OnBoard, Virtual
from spikelock.hil.selftest.computing import random_program
from spikelock.hil.serving import Line, in_a_process
from spikelock.hil.simulation import BUILD, BuiltBoard, build_board
from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.board.registers import REGISTERS
from spikelock.models.compare import first_divergence
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput, LineLost, LinkError, SessionLost
from spikelock.models.fabric import chain, tile
from spikelock.models.link.protocol import Channel
from spikelock.models.mutant import Mutant
from spikelock.models.network.program import Program
from spikelock.models.network.program_file import save_program
from spikelock.models.network.trace import events_of_raster
from spikelock.models.neurons import lif
from spikelock.testbenches.cosim import cosimulate
from spikelock.testbenches.network import Spikes, make_levels

CHAIN = chain.Params(
    (
        tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
        tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
    )
)
PARAMS = BoardParams(chain=CHAIN)


@pytest.fixture(scope="module")
def built() -> BuiltBoard:
    return build_board(PARAMS)


@pytest.fixture(scope="module")
def program() -> Program:
    return random_program(CHAIN, np.random.default_rng(1))


@pytest.fixture(scope="module")
def spikes() -> Spikes:
    return np.random.default_rng(2).random((5, 12, 4)) < 0.5


@pytest.fixture
def url(built: BuiltBoard) -> Iterator[str]:
    with in_a_process(built) as at:
        yield at


# ---------------------------------------------------------------- the levels
def test_level_virtual_agrees_with_the_engine(program: Program, spikes: Spikes) -> None:
    result = cosimulate(program, spikes, [*make_levels(program, ["engine"]), Virtual(program)])
    assert result.agrees
    assert result.neuron_spikes > 50


BAD = Line(faults=parse_faults("bit_errors=1e-4,loss=0.02,duplication=0.02,reordering=0.02,seed=1"))


@pytest.mark.parametrize("line", [Line(0), BAD], ids=["udp", "bad"])
def test_so_it_does_over_udp_and_over_a_bad_line(program: Program, spikes: Spikes, line: Line) -> None:
    run = Virtual(program, line=line).run(spikes)
    assert np.array_equal(run.trace.events, engine.run(program, spikes).events)
    assert not run.problems


MISTAKES = {
    "an event is dropped inside the board": Mutant(
        "a spike that comes sixth is dropped",
        "board.events",
        "buffer.w_en.eq(1), self.dropped",
        "buffer.w_en.eq((buffer.level != 5) | (buffer.w_data[:2] != 0)), self.dropped",
    ),
    "a record goes to the address before its own": Mutant(
        "address",
        "board.memory_access",
        "self.load.payload.address.eq(first)",
        "self.load.payload.address.eq(first - 1)",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_control_what_the_link_cannot_repair_is_found(name: str, program: Program, spikes: Spikes) -> None:
    broken = MISTAKES[name].component("board.top", PARAMS, record=encode(capability(PARAMS, BUILD)))
    run = Virtual(program, component=broken, line=BAD).run(spikes[:2])
    assert first_divergence(engine.run(program, spikes[:2]).events, run.trace.events) is not None


def test_level_board_uses_the_board_at_a_url(url: str, program: Program, spikes: Spikes) -> None:
    level = OnBoard(program, url=url)
    expected = engine.run(program, spikes).events
    for _ in range(2):  # as often as one likes
        assert np.array_equal(level.run(spikes).trace.events, expected)


# ---------------------------------------------------------------- a board in one process
def test_registers_memories_and_telemetry(built: BuiltBoard, program: Program, spikes: Spikes) -> None:
    line, clock = board_and_clock(built)
    link = Link(line, clock=clock)
    link.open()
    with Board(link) as board:
        assert board.capability == capability(PARAMS, BUILD)
        board.registers["scratch"] = 0xDEAD_BEEF
        assert board.registers["scratch"] == 0xDEAD_BEEF
        with pytest.raises(LinkError, match="cannot be written"):
            board.registers["magic"] = 1
        with pytest.raises(LinkError, match="0x800 does not exist"):
            Registers(link, 0x800).read(0)
        with pytest.raises(LinkError, match="cannot be read now"):
            board.read_memory("tile0_bias")  # the chain is in reset
        board.load(program)
        for name, records in program.configuration.memories.items():
            assert np.array_equal(board.read_memory(name), records), name
        assert dict(board.chain_registers) == program.configuration.registers
        with pytest.raises(BadInput, match="0 … 2"):
            board.read_memory("tile0_bias", 2, 2)
        (port,) = chain.inputs(CHAIN).values()
        events = events_of_raster(spikes, port)
        board.run(events)
        shown = board.telemetry()
        assert shown["events_in"] == len(events)
        assert shown["dropped"] == shown["link_refused"] == 0
        link.send(Channel.EXPECTED + 5, b"?")
        link.flush()
        assert board.registers["link_refused"] == 1
        assert set(board.registers) == set(REGISTERS)


def test_a_program_that_does_not_fit_is_refused(url: str) -> None:
    other = chain.Params((tile.Params(lif.Params(width=10), 3, 4, 13), CHAIN.tiles[1]))
    larger = random_program(other, np.random.default_rng(1))
    with open_board(url) as board:
        with pytest.raises(BadInput, match="tile 0 has synapses = 12, the program needs 13"):
            board.load(larger)
        with pytest.raises(BadInput, match="has 2 tiles, the program needs 1"):
            board.load(random_program(chain.Params(CHAIN.tiles[:1]), np.random.default_rng(1)))


# ---------------------------------------------------------------- hosts and boards that misbehave
def test_rubbish_does_no_harm(url: str, program: Program, spikes: Spikes) -> None:
    line = open_transport(url)
    random = np.random.default_rng(3)
    for _ in range(20):
        line.write(memoryview(random.bytes(300)))
        line.wait(0.01)
    line.close()
    run = OnBoard(program, url=url).run(spikes)
    assert np.array_equal(run.trace.events, engine.run(program, spikes).events)


HOST = """
import sys, time, numpy as np
from spikelock.drivers.board import Board, Registers, open_board
from spikelock.models.link.protocol import Channel
board = open_board(sys.argv[1])
board.registers["run"] = 1
print("open", flush=True)
while True:  # ticks, and nobody takes what comes of them
    board.link.send(Channel.EVENTS, bytes([1] * min(100, board.link.credit(Channel.EVENTS))))
    board.link.poll(0.01)
"""


def test_a_host_is_killed_and_another_comes(url: str, program: Program, spikes: Spikes) -> None:
    with subprocess.Popen([sys.executable, "-c", HOST, url], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"open\n"
        time.sleep(0.3)
        host.kill()
    run = OnBoard(program, url=url).run(spikes)
    assert np.array_equal(run.trace.events, engine.run(program, spikes).events)


def listen(board: Board) -> None:
    """For ten seconds, in which something should happen."""
    for _ in range(100):
        board.link.poll(0.1)


def test_a_second_host_is_turned_away_from_a_serial_port(url: str) -> None:
    with connect(url), pytest.raises(LineLost, match="does nobody else"):
        connect(url)


def test_a_second_host_takes_a_udp_board_and_the_first_is_told(built: BuiltBoard) -> None:
    with in_a_process(built, Line(0)) as at, open_board(at) as first:
        with open_board(at) as second:
            assert second.registers["scratch"] == 0
        with pytest.raises(SessionLost, match="another host"):
            listen(first)


def test_the_command(program: Program, tmp_path: Path) -> None:
    """It prints its URL, serves a host, and ends on a signal; when it is killed, the host is told."""
    file = tmp_path / "small.spikelock"
    save_program(program, file)
    command = [sys.executable, "-m", "spikelock.cli.main", "virtual-board", "--program", str(file)]
    for end in (signal.SIGTERM, signal.SIGKILL):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            at = process.stdout.readline().strip()
            with open_board(at) as board:
                board.load(program)
                process.send_signal(end)
                assert process.wait() == (0 if end == signal.SIGTERM else -end)
                with pytest.raises(LineLost, match="is lost"):
                    listen(board)


def test_in_process_by_url(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "small.spikelock"
    save_program(program, file)
    with open_board(f"virtual:{file}", SCHEMES) as board:
        board.load(program)
    with pytest.raises(BadInput, match="no such file"):
        open_board("virtual:nowhere", SCHEMES)
