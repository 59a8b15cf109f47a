"""`spikelock flash`: the command that loads a board, shown or run; what it says where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spikelock.cli.main import main

COMMANDS = {
    "icebreaker": ("bin", "openFPGALoader --board ice40_generic --write-flash {}"),
    "hx8k-breakout": ("bin", "openFPGALoader --board ice40_generic --write-flash {}"),
    "ulx3s-25f": ("bit", "openFPGALoader --board ulx3s {}"),
    "ulx3s-85f": ("bit", "openFPGALoader --board ulx3s {}"),
    "arty-a7-35": ("bit", "openFPGALoader --board arty_a7_35t {}"),
}
"""Of each board: the ending of its bitstreams, and the command that loads one."""


@pytest.fixture
def no_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def loader(no_loader: None, tmp_path: Path) -> Path:
    """In the place of openFPGALoader: writes what it was told to `told`, and returns what `returns` says."""
    program = tmp_path / "bin" / "openFPGALoader"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/told\nread code < {tmp_path}/returns\nexit $code\n'
    )
    program.chmod(0o755)
    (tmp_path / "returns").write_text("0\n")
    return program


def bitstream(folder: Path, ending: str) -> str:
    """A file of that ending."""
    file = folder / f"spikelock.{ending}"
    file.write_bytes(bytes(10))
    return str(file)


@pytest.mark.parametrize("board", COMMANDS)
@pytest.mark.usefixtures("no_loader")
def test_a_dry_run_shows_the_command_and_needs_nothing(
    board: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ending, command = COMMANDS[board]
    file, result = bitstream(tmp_path, ending), tmp_path / "flash.json"
    assert main(["flash", file, "--board", board, "--dry-run", "--json", str(result)]) == 0
    assert capsys.readouterr().out == command.format(file) + "\n"
    assert json.loads(result.read_text())["command"] == command.format(file).split()


@pytest.mark.usefixtures("no_loader")
def test_keep_writes_to_the_flash_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bitstream(tmp_path, "bit")
    assert main(["flash", file, "--board", "ulx3s-25f", "--keep", "--dry-run"]) == 0
    assert "--write-flash" in capsys.readouterr().out


@pytest.mark.usefixtures("no_loader")
def test_without_the_loader_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flash", bitstream(tmp_path, "bin"), "--board", "icebreaker"]) == 3
    said = capsys.readouterr().err
    assert "openFPGALoader is not installed: apt install openfpgaloader" in said
    assert said.count("\n") == 1


def test_the_loader_is_called_as_shown(loader: Path, tmp_path: Path) -> None:
    file = bitstream(tmp_path, "bit")
    assert main(["flash", file, "--board", "ulx3s-25f"]) == 0
    assert (tmp_path / "told").read_text() == f"--board ulx3s {file}\n"


def test_a_loader_that_fails_is_a_failure(
    loader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "returns").write_text("1\n")
    assert main(["flash", bitstream(tmp_path, "bin"), "--board", "icebreaker"]) == 1
    assert "openFPGALoader returned 1: is iCEBreaker (iCE40 UP5K) connected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("board", "name", "says"),
    [
        ("icebreaker", "none.bin", "no such file; 'spikelock build NET --board icebreaker' writes one"),
        ("icebreaker", "spikelock.bit", "takes files that end in .bin"),
        ("arduino", "spikelock.bit", "no board is called 'arduino'; there are: icebreaker"),
    ],
)
def test_bad_input(
    board: str, name: str, says: str, loader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bitstream(tmp_path, "bit")
    assert main(["flash", str(tmp_path / name), "--board", board]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "told").exists(), "nothing was loaded"
