"""`spikelock package`: what it prints and writes, exit codes, what it refuses."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

INPUT = ["--input", "examples/digits/test.npz", "--samples", "3"]
DIGITS = ["package", "examples/digits/digits.nir", "--neurons", "32", *INPUT]


def planned(options: list[str], tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "result.json"
    assert main([*DIGITS, *options, "--json", str(file)]) == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_a_report_holds_the_same_as_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jinja2", reason="reports need jinja2: pip install 'spikelock[report]'")
    folder = tmp_path / "plan"
    result = planned(["--kind", "ring", "--dies", "4", "--report", str(folder)], tmp_path)
    assert result == {
        "command": "package",
        "exit_code": 0,
        **json.loads((folder / "report.json").read_text()),
    }
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{result['inference']['nanojoules']:.4g} nJ an inference" in printed
    assert "4 of 4 cuts are routed around" in printed
    assert result["bridges"][0]["utilisation"] == pytest.approx(0.5)
    for name in ("bridges", "temperatures"):
        xml.etree.ElementTree.fromstring((folder / f"{name}.svg").read_text())
    assert (folder / "index.html").read_text().count("<svg") == 2
    assert "## cuts" in (folder / "report.md").read_text()


def test_a_star_names_the_bridges_that_must_not_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = planned(["--kind", "star", "--dies", "3"], tmp_path)
    assert result["ways"]["bridges_that_must_not_fail"] == ["0-1", "0-2"]
    assert not any(one["rerouted"] for one in result["cuts"])
    assert "bridge 0-2: without it some dies are cut off" in capsys.readouterr().out


def test_constants_and_clocks_count(tmp_path: Path) -> None:
    options = ["--kind", "mesh", "--dies", "2x2", "--rate", "100"]
    usual = planned(options, tmp_path)
    cheap = planned([*options, "--set", "bit=0.25", "air=8"], tmp_path)
    bridges = "nanojoules_bridges"
    assert cheap["inference"][bridges] == pytest.approx(usual["inference"][bridges] / 2)
    assert cheap["rate"]["hottest_die_in_the_end"] > usual["rate"]["hottest_die_in_the_end"]
    slow = planned([*options, "--clock-of", "0=50e6", "1=100e6"], tmp_path)
    assert [one["clock_mhz"] for one in slow["dies"]] == [50, 100, 100, 100]
    assert slow["rate"]["most_that_bridges_carry"] < usual["rate"]["most_that_bridges_carry"]
    dead = planned([*options, "--dead", "0-1"], tmp_path)
    assert not {"0 to 1", "1 to 0"} & {one["link"] for one in dead["bridges"]}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--kind", "ring", "--dies", "2"], "3 or more make one"),
        (["--kind", "star", "--dies", "2x2"], "as in 4"),
        (["--kind", "mesh", "--dies", "2by2"], "--dies 2by2: a number, or two"),
        (["--kind", "mesh", "--dies", "2"], "needs 3 tiles; 2 dies of 1 have 2: 3 such dies"),
        (["--kind", "mesh", "--dies", "2x2", "--dead", "0-3"], "no such bridge"),
        (["--kind", "mesh", "--dies", "2x2", "--dead", "01"], "as in --dead 0-1"),
        (["--kind", "mesh", "--dies", "2x2", "--dead", "0-1", "0-2"], "cut off the dies 1, 2, 3"),
        (["--kind", "mesh", "--dies", "2x2", "--rate", "1e12"], r"at most .* inferences a second"),
        (["--kind", "mesh", "--dies", "2x2", "--rate", "nan"], r"--rate nan: more than 0"),
        (
            ["--kind", "mesh", "--dies", "2x2", "--set", "colour=1"],
            "no such constant; there are: hop",
        ),
        (["--kind", "mesh", "--dies", "2x2", "--set", "air"], "as in --set bit=0.25"),
        (["--kind", "mesh", "--dies", "2x2", "--set", "ambient=-300"], r"ambient = -300\.0"),
        (["--kind", "mesh", "--dies", "2x2", "--set", "hop=nan"], "as in --set bit=0.25"),
        (["--kind", "mesh", "--dies", "2x2", "--set", "hop=-1"], r"hop = -1\.0: 0 or more"),
        (["--kind", "mesh", "--dies", "2x2", "--lanes", "3"], "lanes = 3"),
        (["--kind", "mesh", "--dies", "2x2", "--clock-of", "9=1e6"], "dies 0 … 3"),
        (["--kind", "mesh", "--dies", "2x2", "--clock", "0"], "above 0 Hz"),
        (["--kind", "mesh", "--dies", "2x2", "--neurons", "0"], "--neurons 0"),
    ],
)
def test_what_cannot_be_is_refused(options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DIGITS, *options]) == 2
    error = capsys.readouterr().err
    assert re.search(says, error), error
