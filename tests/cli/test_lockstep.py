"""`spikelock scope --lockstep` with a virtual board behind a URL, and what a board counts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main
from spikelock.hil.serving import in_a_process
from spikelock.hil.test_monitors import SUBTRACTS, built, stimulus
from spikelock.models.engine import network as engine
from spikelock.models.mutant import Mutant
from spikelock.models.network.program_file import save_program
from spikelock.models.network.spikes_file import write_spikes


def scoped(folder: Path, mutant: Mutant | None, *options: str) -> tuple[int, dict[str, Any]]:
    """What `spikelock scope` makes of a board that is behind a URL, and the data it writes."""
    program, spikes = stimulus()
    save_program(program, folder / "small.spikelock")
    write_spikes(folder / "input.npz", spikes)
    with in_a_process(built(mutant)) as url:
        argv = ["scope", str(folder / "small.spikelock"), "--input", str(folder / "input.npz"), "--url", url]
        code = main([*argv, "--json", str(folder / "scope.json"), *options])
    return code, json.loads((folder / "scope.json").read_text())


def test_a_board_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = scoped(tmp_path, None, "--lockstep", "--trigger", "stopped")
    said = capsys.readouterr().out
    assert code == 0, said
    assert "the board agrees with the engine" in said
    # How often the board has to say something again is up to how busy this machine is.
    assert re.search(r"link errors 0, replays \d+; dropped 0", said)
    assert data["lockstep"] == {"agrees": True, "explanation": None, "wrong_states": []}
    shown = data["telemetry"]
    assert shown["events_out"] > shown["events_in"] > 50
    assert [shown[name] for name in ("dropped", "link_errors", "events_waiting", "events_leaving")] == [0] * 4


def test_control_a_board_that_computes_wrongly_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = scoped(tmp_path, SUBTRACTS, "--lockstep", "--trigger", "stopped", "--after", "0")
    said = capsys.readouterr().out
    assert code == 1
    assert "small: board differs from engine at sample 0, tick" in said
    assert "the board stopped after this tick; its state was read out" in said
    assert data["lockstep"]["wrong_states"]
    assert data["capture"]["source"] == "OUTPUT"


def test_spikes_of_each_tick(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = scoped(tmp_path, None, "--source", "ticks", "--after", "15")
    program, spikes = stimulus()
    golden = engine.run(program, spikes).raster()[:, :, program.inputs :].sum(axis=2).reshape(-1)
    assert code == 0
    assert f"spikes of the last tick {golden[-1]};" in capsys.readouterr().out
    assert data["telemetry"]["spikes_of_tick"] == golden[-1]
    captured = data["capture"]["spikes"]
    assert captured == golden[: len(captured)].tolist()
    assert any(captured)
