"""`.ci/prerequisites` says which package brings what is missing, before anything else is tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "prerequisites"
GOOD = {
    "perl": "This is perl 5, version 36",
    "make": "GNU Make 4.3",
    "g++": "g++ (Debian 12.2.0-14+deb12u1) 12.2.0",
}


def machine(folder: Path, versions: dict[str, str], *, python: bool = True) -> Path:
    """A folder for PATH: the shell's own tools, programs that print these versions, perhaps Python."""
    for name in ("sh", "sed", "cat"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    for name, version in versions.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / name).chmod(0o755)
    if python:
        (folder / "python3").symlink_to(sys.executable)
    return folder


def check(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", SCRIPT, *arguments], env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )


def test_a_complete_machine_passes_in_silence(tmp_path: Path) -> None:
    done = check(machine(tmp_path, GOOD))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_python_to_use_is_printed(tmp_path: Path) -> None:
    path = machine(tmp_path, GOOD)
    assert check(path, "python").stdout.strip() == str(path / "python3")


@pytest.mark.parametrize("name", list(GOOD))
def test_a_missing_program_is_named_with_its_package(name: str, tmp_path: Path) -> None:
    versions = {program: version for program, version in GOOD.items() if program != name}
    path = machine(tmp_path, versions)
    done = check(path)
    assert done.returncode == 3
    assert f"{name} is missing: Debian package {name}" in done.stderr
    assert check(path, "packages").stdout.split() == [name]


@pytest.mark.parametrize(
    ("name", "version"), [("make", "GNU Make 3.81"), ("g++", "g++ (Debian 8.3.0-6) 8.3.0")]
)
def test_a_program_that_is_too_old_is_named_with_its_package(name: str, version: str, tmp_path: Path) -> None:
    done = check(machine(tmp_path, GOOD | {name: version}))
    assert done.returncode == 3
    assert f"{name} is too old" in done.stderr


def test_python_without_its_venv_module_is_named(tmp_path: Path) -> None:
    path = machine(tmp_path, GOOD, python=False)
    (path / "python3").write_text(
        f'#!/bin/sh\ncase "$2" in *venv*) exit 1;; *) exec {sys.executable} "$@";; esac\n'
    )
    (path / "python3").chmod(0o755)
    done = check(path)
    assert "the venv module of python3 is missing: Debian package python3-venv" in done.stderr


def test_an_old_or_absent_python_is_named(tmp_path: Path) -> None:
    done = check(machine(tmp_path, GOOD, python=False))
    assert done.returncode == 3
    assert "older than 3.11" in done.stderr
    assert "python3-venv" in done.stderr
