"""`spikelock map`: what it prints and writes, exit codes, what it refuses."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.mapped import map_network
from spikelock.models.network.program_file import load_program, save_program
from spikelock.models.package.dies import Params, loads, pins
from spikelock.models.package.topology import machine_of, package_named

from ..models.network.mapping.networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

DIGITS = "examples/digits/digits.nir"
TEST_SET = "examples/digits/test.npz"
MAP = ["map", DIGITS, "--mesh", "2x2", "--neurons", "32"]


def test_a_report_holds_the_same_as_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jinja2", reason="reports need jinja2: pip install 'spikelock[report]'")
    folder, file = tmp_path / "new" / "map", tmp_path / "result.json"
    options = ["--dies", "2x2", "--input", TEST_SET, "--samples", "5", "--report", str(folder)]
    assert main([*MAP, *options, "--json", str(file)]) == 0
    result: dict[str, Any] = json.loads(file.read_text())
    report = json.loads((folder / "report.json").read_text())
    assert result == {"command": "map", "exit_code": 0, **report}
    printed = " ".join(capsys.readouterr().out.split())
    one = report["traffic"]
    assert f"{one['spikes']} spikes, {one['hops']} hops" in printed
    assert one["hottest_link"] in printed
    assert f"an average tick takes {one['cycles_of_an_average_tick']} cycles" in printed
    assert one["hops"] == one["bridge_events"] > 0
    assert all(tile["neurons"] in (folder / "report.md").read_text() for tile in report["tiles"])
    html = (folder / "index.html").read_text()
    assert all(tile["neurons"] in html for tile in report["tiles"])
    assert html.count("<svg") == 3
    for name in ("placement", "tables", "traffic"):
        xml.etree.ElementTree.fromstring((folder / f"{name}.svg").read_text())
    hottest = (folder / "traffic.svg").read_text()
    assert f"{one['hottest_events']:,}" in hottest


def test_other_machines(tmp_path: Path) -> None:
    assert (
        main([*MAP[:2], "--mesh", "4x3", "--torus", "--neurons", "8", "--host", "1,1", "--entries", "12"])
        == 0
    )
    file = tmp_path / "result.json"
    assert main([*MAP, "--dead", "0,0:east", "--json", str(file)]) == 0
    result = json.loads(file.read_text())
    assert result["machine"]["dead"] == ["(0, 0) east"]
    assert "(0, 0) east to (1, 0)" not in [link["link"] for link in result["links"]]


def test_a_star_of_dies_is_drawn_without_its_corners(tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="reports need jinja2: pip install 'spikelock[report]'")
    options = ["--package", "star:5", "--neurons", "32", "--report", str(tmp_path)]
    assert main(["map", DIGITS, *options]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["machine"]["places_of_dies"] == ["(1, 1)", "(0, 1)", "(1, 0)", "(1, 2)", "(2, 1)"]
    assert report["machine"]["host"] == "(1, 1)"
    drawn = xml.etree.ElementTree.fromstring((tmp_path / "placement.svg").read_text())
    words = {
        "".join(one.itertext()).removesuffix(" host") for one in drawn.iter() if one.tag.endswith("text")
    }
    assert {"(1, 0)", "(0, 1)", "(1, 2)", "(2, 1)"} <= words
    assert "(0, 0)" not in words


def test_each_die_is_written_as_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What its port `load` takes is what the level dies gives it; each has its own clock."""
    small = tmp_path / "small.spikelock"
    save_program(program((4, 3)), small)
    options = ["--neurons", "4", "--synapses", "80", "--package", "mesh:2x1", "--clock-of", "1=80e6"]
    folder = tmp_path / "dies"
    assert main(["map", str(small), *options, "--hardware", str(folder)]) == 0
    names = {f"{die}.{suffix}" for die in ("die0", "die1") for suffix in ("v", "json", "hex")}
    names |= {f"{part}.{kind}" for part in ("die0", "die1", "dies") for kind in ("sdc", "xdc")}
    assert {file.name for file in folder.iterdir()} == {*names, "dies.v"}
    first, second = (json.loads((folder / f"die{die}.json").read_text()) for die in (0, 1))
    assert (first["bridges"], second["bridges"]) == ({"node0_east": "die1"}, {"node1_west": "die0"})
    assert (first["clock"], second["clock"]) == (100e6, 80e6)
    whole, configuration = hardware(
        map_network(load_program(small), machine_of(package_named("mesh:2x1"), neurons=4, synapses=80))
    )
    params = Params(whole)
    load = loads(params, configuration)["die0_load"]
    packed = pins(params)["die0_load"].pack(load)[:, 0].tolist()
    assert [int(line, 16) for line in (folder / "die0.hex").read_text().split()] == packed
    assert "create_clock -name line_node" in (folder / "die0.sdc").read_text()
    assert "-period 12.5000" in (folder / "die1.sdc").read_text()
    assert "module die0(" in (folder / "die0.v").read_text()
    assert "module dies(" in (folder / "dies.v").read_text()
    assert "dies.v" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--neurons", "32"], "--mesh 2x2, or --package ring:4"),
        (["--package", "ring:4", "--mesh", "2x2"], "without --mesh, --dies, --torus"),
        (["--package", "star:7"], "star:5, or ring:7, would do"),
        (["--package", "star:5", "--neurons", "8"], "has 5: larger tiles would do"),
        (["--package", "star:5", "--host", "0,0"], "of a die that is there"),
        (["--package", "star:3", "--dead", "1,1:west"], "cut off the nodes"),
        (["--mesh", "9999x9999", "--dies", "9999x9999"], "at most 4096 nodes"),
        (["--mesh", "2x2", "--neurons", "32", "--hardware", "x"], "two dies or more"),
        (
            ["--package", "ring:3", "--neurons", "32", "--hardware", "x", "--clock-of", "7=1e6"],
            "dies are 0 … 2",
        ),
        (
            ["--package", "ring:3", "--neurons", "32", "--hardware", "x", "--clock-of", "1=1e6"],
            "5 times as slow",
        ),
        (["--mesh", "1x1", "--neurons", "32"], "needs 3 tiles of 32 neurons .* 2x2 would do"),
        (["--mesh", "2"], "--mesh 2: two numbers with an x between"),
        (["--mesh", "0x2"], "width = 0"),
        (["--mesh", "3x3", "--dies", "2x2"], "divide the mesh"),
        (["--mesh", "2x2", "--entries", "1"], r"compresses to \d+; the routers have 1: \d+ entries"),
        (["--mesh", "2x2", "--key-width", "3"], "keys of 8 bits would do"),
        (["--mesh", "2x2", "--synapses", "9"], "tiles of 64 synapses or more would do"),
        (["--mesh", "2x2", "--host", "2,0"], "from 0,0 to 1,1"),
        (["--mesh", "2x2", "--dead", "0,0:up"], "one of east, north, west, south"),
        (["--mesh", "2x2", "--dead", "0,0:west"], "no such link"),
        (["--mesh", "2x2", "--dead", "0,0:east", "--dead", "0,0:north"], "cut off the nodes 1, 2, 3"),
        (["--mesh", "2x2", "--samples", "3"], "add --input FILE"),
        (["--mesh", "2x2", "--input", "nowhere.npz"], "no such file"),
    ],
)
def test_what_cannot_be_is_refused(options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["map", DIGITS, *options]) == 2
    error = capsys.readouterr().err
    assert re.search(says, error), error


def test_no_folder_where_a_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert main([*MAP, "--report", str(tmp_path / "file")]) == 2
    assert "cannot make the folder" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_without_jinja2_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    assert main([*MAP, "--report", str(tmp_path / "map")]) == 3
    assert not (tmp_path / "map").exists()
