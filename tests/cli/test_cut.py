"""`spikelock cosim --cut` and `--throttle`: a link between dies is cut in mid-run, and dies are slow."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from spikelock.cli.main import main
from spikelock.models.network.program_file import save_program
from spikelock.models.network.spikes_file import write_spikes
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.test_on_mesh import NETWORK, SPIKES


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of a small network on two dies."""
    monkeypatch.chdir(tmp_path)
    save_program(NETWORK, "small.spikelock")
    write_spikes(Path("spikes.npz"), SPIKES[:3])
    return shlex.split("cosim small.spikelock --input spikes.npz --mesh 2x1 --dies 2x1 --json result.json")


def test_what_was_reported_and_lost_is_said(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with skipped_without_tools():
        assert main([*command, "--levels", "engine,dies", "--cut", "1,0:west@2000"]) == 1
    said = capsys.readouterr().out
    assert "dies: the link (0, 0) east to (1, 0) is down, says die0 in cycle 2" in said
    assert "dies: no way is left to (1, 0): p1 0…1; lost: samples 1 … 2" in said
    assert "DISAGREE" in said
    level = json.loads(Path("result.json").read_text())["levels"][1]
    assert (len(level["notes"]), len(level["problems"])) == (2, 1)
    assert level["summary"]["samples"] == 1


def test_slow_dies_agree_with_the_engine(command: list[str]) -> None:
    with skipped_without_tools():
        assert main([*command, "--levels", "engine,dies", "--throttle", "0=1,1=11"]) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--levels engine,dies --cut 0,0:east", "as in 0,0:east@5000"),
        ("--levels engine,dies --cut 0,0:north@5000", "there are 0,0:east"),
        ("--levels engine,dies --cut 0,0:east@0", "cycle 0"),
        ("--levels engine,rtl --cut 0,0:east@5000", "--mesh 2x1: only the level mesh or dies takes it"),
        ("--levels engine,mesh --cut 0,0:east@5000", "--dies 2x1: only the level dies takes it"),
        ("--levels engine,dies --throttle 1", "as in --throttle 1=8,2=3"),
        ("--levels engine,dies --throttle 1=8.5", "as in --throttle 1=8,2=3"),
        ("--levels engine,dies --throttle 1=8,7=8", "die7 to 8: the dies are die0, die1, and a clock"),
        ("--levels engine,dies --throttle 1=0", "throttle die1 to 0: the dies are die0, die1, and a clock"),
        ("--levels engine,rtl --throttle 1=8", "only the level mesh or dies takes it"),
    ],
)
def test_what_cannot_be_cut_or_slowed_is_refused(
    command: list[str], capsys: pytest.CaptureFixture[str], options: str, said: str
) -> None:
    assert main([*command, *shlex.split(options)]) == 2
    assert said in capsys.readouterr().err
