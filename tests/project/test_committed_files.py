"""What is committed works on any machine: it names no folder of the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Joined from pieces, so that this file passes its own test.
MACHINE = re.compile(
    r"(?<![\w.}~-])/(?:" + "|".join(("work", "root", "home", "tmp", "opt", "Users")) + r")/\S"
)
REGISTRY = re.compile(
    "|".join(("py" r"pi\.org", "python" r"hosted\.org", "npm" r"js\.(?:org|com)", "deb" r"ian\.org/debian"))
)


def leaks(text: str) -> list[str]:
    """Lines that hold a path of a machine or the host of a package registry."""
    return [line.strip() for line in text.splitlines() if MACHINE.search(line) or REGISTRY.search(line)]


def committed_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing tells which files are committed")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_path_or_registry_of_a_machine() -> None:
    files = committed_files()
    assert len(files) > 20
    found = {
        str(path.relative_to(ROOT)): leaks(path.read_bytes().decode("utf-8", errors="ignore"))
        for path in files
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "#!/" + "root/.pyenv/bin/python",
        'path = "/' + 'work/main/models"',
        "cp x /" + "tmp/p/y",
        "https://" + "py" + "pi.org/simple",
        "https://registry." + "npm" + "js.org/",
    ],
)
def test_control_a_leak_is_found(line: str) -> None:
    assert leaks(line) == [line]


@pytest.mark.parametrize("line", ["build/work/obj", "../root/x", "tests/home/a.py", "#!/usr/bin/env bash"])
def test_control_relative_paths_pass(line: str) -> None:
    assert leaks(line) == []
