"""`spikelock build`: what it writes, and what it makes of bad input. Bitstreams: hil/test_build.py."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from spikelock.cli.main import main
from spikelock.hil import build
from spikelock.hil.board_costs import DIGITS, SMALL
from spikelock.hil.boards import Board
from spikelock.hil.selftest.computing import random_program
from spikelock.models.errors import BadInput
from spikelock.models.network.program_file import save_program

pytestmark = pytest.mark.filterwarnings("ignore:Using platform.request:DeprecationWarning")
NET = str(DIGITS)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with a network that every board has room for."""
    file = tmp_path_factory.mktemp("small") / "small.spikelock"
    save_program(random_program(SMALL, np.random.default_rng(1)), file)
    return str(file)


def test_sources_of_a_board_without_tools(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("amaranth_boards")
    assert main(["build", small, "--board", "arty-a7-35", "--sources", "-o", str(tmp_path)]) == 0
    assert {"spikelock.v", "spikelock.xdc", "spikelock.tcl"} <= {file.name for file in tmp_path.iterdir()}
    assert "spikelock.xdc" in capsys.readouterr().out


def test_what_does_not_fit_is_told_and_nothing_is_written(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_large(board: Board, top: object) -> build.Bitstream:
        raise BadInput(f"{board.title} is too small for this network: it wants 46 ICESTORM_RAM, there are 32")

    monkeypatch.setattr(build, "build", too_large)
    assert main(["build", small, "--board", "hx8k-breakout", "-o", str(tmp_path)]) == 2
    assert "it wants 46 ICESTORM_RAM, there are 32" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("fmax", "code"), [(11.9, 1), (12.0, 0)])
def test_a_design_that_is_too_slow_is_not_written(
    fmax: float,
    code: int,
    small: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def made(board: Board, top: object) -> build.Bitstream:
        return build.Bitstream(board, {"ICESTORM_LC": (4000, 5280)}, fmax, b"bits")

    monkeypatch.setattr(build, "build", made)
    assert main(["build", small, "--board", "icebreaker", "-o", str(tmp_path)]) == code
    assert ("TIMING NOT MET" in capsys.readouterr().out) == bool(code)
    assert (tmp_path / "spikelock.bin").exists() == (not code)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((NET, "--board", "arduino", "-o", "x"), "no board is called 'arduino'; there are: icebreaker"),
        ((NET, "--board", "icebreaker"), "-o is missing"),
        (("--board", "icebreaker", "-o", "x"), "NET is missing"),
        ((NET, "-o", "x"), "--board is missing"),
        (("nothing.nir", "--board", "icebreaker", "-o", "x"), "nothing.nir"),
        ((NET, "--board", "arty-a7-35", "-o", "x"), "--sources writes what the tools of its maker read"),
        ((NET, "--board", "icebreaker", "-o", "x", "--baud", "7000000"), "7000000"),
    ],
)
def test_bad_input(
    arguments: tuple[str, ...],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["build", *arguments]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not list(tmp_path.rglob("*.b??")), "no bitstream is left"


def test_without_amaranth_boards(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("amaranth_boards")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "amaranth_boards", None)
    assert main(["build", small, "--board", "icebreaker", "--sources", "-o", str(tmp_path)]) == 3
    assert "pip install 'spikelock[boards]'" in capsys.readouterr().err
