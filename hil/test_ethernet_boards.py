"""Boards with an Ethernet PHY: what their tools read; and one whose network is not there."""

from __future__ import annotations

import pytest

from spikelock.hil.boards import BOARDS, LAN8720_ON_ULX3S, find_board
from spikelock.hil.build import sources
from spikelock.hil.simulation import top
from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput
from spikelock.models.link.ethernet import Station

pytest.importorskip("amaranth_boards", reason="amaranth-boards is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:Using platform.request:DeprecationWarning")


def read(name: str) -> dict[str, str]:
    """The files of a board with Ethernet, as text."""
    board = find_board(name)
    params = BoardParams(name, clock=board.clock, lockstep=False, probe_depth=0)
    return {file: text.decode() for file, text in sources(board, top(params, Station())).items()}


def test_a_module_at_the_header_of_a_board() -> None:
    constraints = read("ulx3s-25f")["spikelock.lpf"]
    sites = [line.split() for line in constraints.splitlines() if line.startswith("LOCATE")]
    named = {line[2].strip('"').split("__io")[0]: line[4].strip('";') for line in sites}
    assert named["eth_clk50_0"] == "G3"
    assert sum(name.startswith("eth_") for name in named) == len(LAN8720_ON_ULX3S)
    assert 'FREQUENCY PORT "eth_clk50_0__io" 50000000.0 HZ;' in constraints


def test_a_phy_that_gets_its_clock_from_the_board() -> None:
    files = read("arty-a7-35")
    assert 'set_property LOC G18 [get_ports "eth_clk50_0__io"]' in files["spikelock.xdc"]
    assert "eth_rmii_0__rst" in files["spikelock.xdc"]
    assert "CLKOUT1_DIVIDE" in files["spikelock.v"]


def test_a_board_without_ethernet_is_refused() -> None:
    board = find_board("icebreaker")
    assert not board.phy
    with pytest.raises(BadInput, match="has no Ethernet; there is some on: ulx3s"):
        sources(board, top(BoardParams(), Station()))


def test_every_board_has_its_serial_line_still() -> None:
    assert all(board.baud for board in BOARDS.values())
    constraints = sources(find_board("ulx3s-25f"), top(BoardParams(clock=25_000_000)))["spikelock.lpf"]
    assert b"uart_0__rx" in constraints
    assert b"eth_" not in constraints
