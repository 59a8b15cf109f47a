"""What boards' designs take of their devices, and how fast they are: built for real, and kept.

    python -m spikelock.hil.board_costs

builds each of `KEPT`, writes the figures to `docs/cost/boards/` and prints the table of `docs/bringup.md`. It
takes some minutes; `make test-long` holds the figures against what is built then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain, tile
from spikelock.models.files import written_whole
from spikelock.models.network.compile import compile_nir
from spikelock.models.neurons import lif
from spikelock.testbenches import toolchain

from .boards import find_board
from .build import BROUGHT_BY, build, design

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "cost" / "boards" / "0.1.0.json"
DIGITS = ROOT / "examples" / "digits" / "digits.nir"
SMALL = chain.Params((tile.Params(lif.Params(), neurons=32, axons=64, synapses=1_024),))
"""A layer that the HX8K has room for: it has no multipliers, and half the memory."""

KEPT = (
    ("icebreaker", "digits"),
    ("ulx3s-25f", "digits"),
    ("hx8k-breakout", "digits"),
    ("hx8k-breakout", "small"),
)
"""Boards and networks of the table."""

CELLS: Mapping[str, str] = {
    "ICESTORM_LC": "logic cells",
    "ICESTORM_RAM": "block RAM",
    "ICESTORM_SPRAM": "large RAM",
    "ICESTORM_DSP": "multipliers",
    "TRELLIS_COMB": "LUT",
    "TRELLIS_FF": "registers",
    "DP16KD": "block RAM",
    "MULT18X18D": "multipliers",
}
"""Cells that are told, as nextpnr names them."""


@dataclass(frozen=True)
class BoardCost:
    """What a network's design takes of a board.

    used: of each kind of cell, how many, and how many there are. fmax: MHz that are reached; needed: MHz of
    the board's clock. unfit: what it wants too much of, or empty; there are then no other figures.
    """

    board: str
    network: str
    used: Mapping[str, Sequence[int]] = field(default_factory=dict)
    fmax: float = 0.0
    needed: float = 0.0
    unfit: str = ""

    @property
    def row(self) -> str:
        """Of the table."""
        used = ", ".join(
            f"{count:,} of {available:,} {CELLS[kind]}" for kind, (count, available) in self.used.items()
        )
        reached = "–" if self.unfit else f"{self.fmax:.1f} MHz"
        what = f"does not fit: {self.unfit}" if self.unfit else used
        return f"| `{self.board}` | {self.network} | {what} | {reached} | {self.needed:g} MHz |"


def measure(board: str, network: str) -> BoardCost:
    """Builds the bitstream. Raises MissingTool; SpikelockError where a tool fails."""
    target = find_board(board)
    tiles = compile_nir(DIGITS)[0].params if network == "digits" else SMALL
    needed = target.clock / 1e6
    try:
        made = build(target, design(target, tiles))
    except BadInput as error:
        return BoardCost(board, network, needed=needed, unfit=str(error).partition(": ")[2])
    used = {kind: list(counts) for kind, counts in made.used.items() if kind in CELLS and counts[0]}
    return BoardCost(board, network, used, round(made.fmax, 1), needed)


def tools() -> dict[str, str]:
    """Versions of the tools that the figures depend on. Raises MissingTool."""
    programs = {program for board, _ in KEPT for program in find_board(board).tools.programs.values()}
    names = sorted({BROUGHT_BY.get(program, program) for program in programs})
    return {name: toolchain.version(name) for name in names}


def write(costs: Sequence[BoardCost]) -> None:
    """Keeps the figures, with the versions of the tools; those of other boards and networks stay."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    kept = {(cost.board, cost.network): cost for cost in (*(read() if FILE.exists() else ()), *costs)}
    ordered = sorted(kept.values(), key=lambda cost: KEPT.index((cost.board, cost.network)))
    rows = ",\n    ".join(json.dumps(asdict(cost)) for cost in ordered)  # a line each, for people
    with written_whole(FILE) as file:
        file.write(f'{{\n  "tools": {json.dumps(tools())},\n  "boards": [\n    {rows}\n  ]\n}}\n'.encode())


def read() -> list[BoardCost]:
    """The figures that are kept."""
    return [BoardCost(**row) for row in json.loads(FILE.read_text())["boards"]]


def read_tools() -> dict[str, str]:
    """What they were measured with."""
    found: dict[str, str] = json.loads(FILE.read_text())["tools"]
    return found


def table(costs: Sequence[BoardCost]) -> list[str]:
    """The lines of the table, without its head."""
    return [cost.row for cost in costs]


def grown(now: BoardCost, kept: BoardCost) -> list[str]:
    """What is worse than what is kept, a sentence each. A twentieth more cells is allowed, or two."""
    if now.unfit or kept.unfit:
        return [] if kept.unfit else [f"it does not fit any more: {now.unfit}"]
    return [
        f"{count:,} {CELLS[kind]}: more than 5 % over the kept {kept.used[kind][0]:,}"
        for kind, (count, _) in now.used.items()
        if kind in kept.used and count > kept.used[kind][0] + max(2, kept.used[kind][0] // 20)
    ]


if __name__ == "__main__":
    for board, network in KEPT:
        write([measure(board, network)])  # at once, so that Ctrl-C loses nothing that is finished
    print("\n".join(table(read())))
