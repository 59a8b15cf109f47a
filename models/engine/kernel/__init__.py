"""Loops in C++ for what NumPy does in several passes over memory: optional, and bit for bit the same.

`kernel.cpp` is compiled once for the processor at hand, by g++, through the build cache. Where there is no
g++, or where $SPIKELOCK_KERNEL is `numpy`, the engine does without; `in_use` says which it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes import CDLL, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from spikelock.models.cache import cached, key_of
from spikelock.models.errors import BadInput, MissingTool, SpikelockError
from spikelock.models.lfsr import LFSR, Kind

VARIABLE = "SPIKELOCK_KERNEL"
"""Environment variable: `auto`, `c` or `numpy`."""
SOURCE = Path(__file__).with_name("kernel.cpp")
LIBRARY = "kernel.so"
OPTIONS = ("-std=gnu++17", "-O3", "-fPIC", "-shared")

Choice = Literal["auto", "c", "numpy"]


class Kernel:
    """The compiled loops. Arrays are in C order; those that go out are made here."""

    def __init__(self, library: Path) -> None:
        self._library = CDLL(str(library))

    def overlaps(self, a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many ones each row of a, (s, words), shares with each row of b, (i, words): (s, i)."""
        a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
        out = np.empty((len(a), len(b)), np.int64)
        self._call("overlaps", a, b, out, *out.shape, a.shape[1])
        return out

    def slices(
        self,
        cycle: NDArray[Any],
        period: int,
        phases: NDArray[np.uint32],
        thresholds: NDArray[np.int64],
        length: int,
    ) -> NDArray[np.uint64]:
        """Packed streams, bit t of stream k = [cycle[(phases[k] + t) mod period] < thresholds[k]].

        cycle: numbers of 8, 16 or 32 bits, a period of them and at least 64 that follow.
        """
        out = np.empty((len(phases), -(-length // 64)), np.uint64)
        arrays = [np.ascontiguousarray(array) for array in (phases, thresholds)]
        name = f"slices_{8 * cycle.itemsize}"
        self._call(name, np.ascontiguousarray(cycle), period, *arrays, len(phases), length, out)
        return out

    def walks(
        self, generator: LFSR, seeds: NDArray[np.int64], thresholds: NDArray[np.int64], length: int
    ) -> NDArray[np.uint64]:
        """Packed streams, bit t of stream k = [state t from seeds[k] < thresholds[k]].

        generator: of at most 62 bits.
        """
        out = np.empty((len(seeds), -(-length // 64)), np.uint64)
        kind = get_args(Kind).index(generator.kind)
        taps = sum(1 << tap for tap in generator.taps)
        exponents = np.array(generator.exponents, np.int64)
        arrays = [np.ascontiguousarray(array) for array in (seeds, thresholds)]
        recurrence = (kind, generator.width, taps, exponents, len(exponents))
        name = "walks_32" if generator.width <= 32 else "walks_64"
        self._call(name, *recurrence, *arrays, len(seeds), length, out)
        return out

    def _call(self, name: str, *arguments: NDArray[Any] | int) -> None:
        """Arrays go as pointers, numbers as int64; no function of the library fails."""
        getattr(self._library, name)(
            *(c_void_p(x.ctypes.data) if isinstance(x, np.ndarray) else c_int64(int(x)) for x in arguments)
        )


def chosen(choice: Choice | None = None) -> Kernel | None:
    """The kernel, or None for NumPy alone; without a choice, what $SPIKELOCK_KERNEL says, or `auto`.

    `auto` takes the kernel where it can be built. Raises BadInput for another choice, and for `c` MissingTool
    where g++ is missing, SpikelockError where it fails.
    """
    wanted = choice or os.environ.get(VARIABLE) or "auto"
    if wanted not in ("auto", "c", "numpy"):
        raise BadInput(f"{VARIABLE} = {wanted!r}: there are auto, c and numpy")
    if wanted == "numpy":
        return None
    return load() if wanted == "c" else available()


@cache
def available() -> Kernel | None:
    """The kernel, where it can be built; it is tried once."""
    try:
        return load()
    except SpikelockError:
        return None


def in_use() -> Literal["c", "numpy"]:
    """What the engine computes with, where nothing else is asked for."""
    return "numpy" if chosen() is None else "c"


@cache
def load(machine: str = "native") -> Kernel:
    """The kernel for a machine as g++ names it (`-march`), built if it is not in the cache yet.

    Raises MissingTool without g++, SpikelockError with what it printed where it fails.
    """
    if sys.byteorder != "little":
        raise SpikelockError("the kernel is for little-endian processors; NumPy alone is used on others")
    compiler = shutil.which("g++")
    if compiler is None:
        raise MissingTool(f"g++ is not installed: apt install g++, or do without it: {VARIABLE}=numpy")
    command = [compiler, *OPTIONS, f"-march={machine}"]

    def build(folder: Path) -> None:
        _run([*command, str(SOURCE), "-o", LIBRARY], folder)

    target = _run([compiler, f"-march={machine}", "-Q", "--help=target"])
    key = key_of(SOURCE.read_bytes(), *command, _run([compiler, "--version"]), target)
    library = cached("kernel", key, build) / LIBRARY
    try:
        return Kernel(library)
    except OSError as error:
        raise SpikelockError(f"the kernel cannot be loaded: {error}; {VARIABLE}=numpy does without") from None


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode:
        last = "\n".join([f"g++ returned {done.returncode}", *done.stderr.strip().splitlines()[-10:]])
        raise SpikelockError(f"the kernel cannot be built; {VARIABLE}=numpy does without\n{last}")
    return done.stdout
