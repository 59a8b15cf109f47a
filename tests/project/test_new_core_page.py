"""`docs/contribute/new_core.md` is followed to the letter in a copy of the project; what it says is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ("rtl", "models", "testbenches", "hil", "drivers", "formal", "cli")
BLOCK = re.compile(r"^(`{3,})\{code-block\} \w+\n:caption: (\S+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
SATURATION = " & ~count.all()"
"""What keeps the page's counter from wrapping."""


COMMAND = re.compile(r"^```console\n\$ (spikelock [^\n]*)\n(.+?)^```$", re.MULTILINE | re.DOTALL)
THE_CORE = ("models/readout/counter.py", "models/engine/readout/counter.py", "rtl/readout/counter.py")


def page() -> str:
    return (ROOT / "docs" / "contribute" / "new_core.md").read_text()


def blocks() -> dict[str, str]:
    """The files on the page: path and text."""
    return {path: text for _, path, text in BLOCK.findall(page())}


def commands(heading: str) -> dict[str, str]:
    """The commands in one section of the page, and what it says they print."""
    section = page().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(COMMAND.findall(section))


def copy_with_page(folder: Path) -> Path:
    """A copy of the project with the page's files in it, importable as `spikelock` from `build/dev`."""
    for name in (*PACKAGE, "docs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, folder)
    links = folder / "build" / "dev" / "spikelock"
    links.mkdir(parents=True)
    for name in PACKAGE:
        (links / name).symlink_to(folder / name, target_is_directory=True)
    for path, text in blocks().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if path.split("/")[0] in PACKAGE:
            (file.parent / "__init__.py").touch()
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python in the copy."""
    environment = os.environ | {"PYTHONPATH": str(folder / "build" / "dev"), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_with_page(tmp_path_factory.mktemp("new_core") / "project")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with a counter that wraps."""
    folder = copy_with_page(tmp_path_factory.mktemp("new_core") / "broken")
    hardware = folder / "rtl" / "readout" / "counter.py"
    assert hardware.read_text().count(SATURATION) == 1
    hardware.write_text(hardware.read_text().replace(SATURATION, ""))
    return folder


def assert_prints(folder: Path, commands: dict[str, str], exit_code: int) -> None:
    for command, shown in commands.items():
        done = run(folder, "spikelock.cli.main", *shlex.split(command)[1:])
        pattern = ".*".join(map(re.escape, shown.split("...")))
        assert re.fullmatch(pattern, done.stdout, re.DOTALL), done.stdout + done.stderr
        assert done.returncode == exit_code


def test_its_core_is_about_thirty_lines() -> None:
    lines = "".join(blocks()[path] for path in THE_CORE).splitlines()
    code = [line for line in lines if line.strip() and not line.startswith(("import", "from"))]
    assert 25 <= len([line for line in code if not line.strip().startswith('"""')]) <= 40


def test_its_files_are_all_that_a_core_needs(project: Path) -> None:
    done = run(project, "pytest", "-q", "tests/project/test_layout.py", "tests/project/test_imports.py")
    assert done.returncode == 0, done.stdout


def test_its_tests_pass(project: Path) -> None:
    tests = ["tests/models/readout", "testbenches/readout", "formal/test_proofs.py"]
    done = run(project, "pytest", "-v", *tests, "-k", "readout and not cocotb and not icarus")
    assert done.returncode == 0, done.stdout
    for name in (
        "[rtl-default]",
        "test_everything_is_reached",
        "test_engine_equals",
        "test_catches_a_broken",
    ):
        assert re.search(rf"{re.escape(name)}.* PASSED", done.stdout), f"{name} was not run\n{done.stdout}"


def test_its_commands_print_what_it_shows(project: Path) -> None:
    shown = commands("Run it")
    assert len(shown) == 2
    assert_prints(project, shown, exit_code=0)


def test_control_a_bug_in_it_is_found(broken: Path) -> None:
    shown = commands("Break it")
    assert len(shown) == 1
    assert_prints(broken, shown, exit_code=1)


def test_control_the_proof_finds_the_bug_too(broken: Path) -> None:
    done = run(broken, "spikelock.cli.main", "prove", "readout.counter")
    assert done.returncode == 1
    assert "the count is the equation's" in done.stdout
