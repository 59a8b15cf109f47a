"""From Verilog to a shared library: Verilator, then one run of g++, without make or perl."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from spikelock.models.cache import cached, key_of
from spikelock.models.errors import MissingTool, SpikelockError
from spikelock.testbenches import toolchain

LIBRARY = "model.so"
VERILOG = "dut.v"

VERILATE = [
    *shlex.split("--cc --prefix Vdut --top-module dut -Mdir obj --no-timing --assert"),
    *shlex.split("-O3 --x-assign fast -Wno-fatal -Wno-lint"),
    *toolchain.SOUND_VERILATOR,
]
COMPILE = shlex.split(
    "-std=gnu++17 -fPIC -fvisibility=hidden -fno-gnu-unique -fno-plt "
    "-DVL_USER_FINISH -DVL_USER_STOP -DVL_USER_FATAL"  # the unit itself says what these do
)
THOROUGH, QUICK = "-O3", "-O1"
LARGE = 1_000_000
"""Bytes of C++ from which a model is compiled with `QUICK`: in half of the time. Such a model does not run
slower, as what it waits for is memory: four dies make 88,000 cycles a second either way."""

SHARED = shlex.split("algorithm array cstdint memory string tuple type_traits utility verilated.h")
COMMON = "".join(f"#include <{header}>\n" for header in SHARED)
"""Headers that every model includes."""


UNOPTIMISED = ("#pragma GCC push_options", '#pragma GCC optimize("O0")')
OPTIMISED = "#pragma GCC pop_options"
"""Around code that runs once, when a model is opened: a third of a mesh, and of the time of g++."""


def tools() -> list[str]:
    """What names the versions of the tools and how they are called, for the key of a build."""
    compiler = toolchain.compiler_version(toolchain.program("g++"))
    return [toolchain.version("verilator"), compiler, *COMPILE, THOROUGH, QUICK, str(LARGE)]


def verilate(folder: Path, flags: Sequence[str] = VERILATE) -> None:
    """C++ of `dut.v`, in the folder `obj`."""
    verilator = toolchain.verilator_root() / "bin" / "verilator_bin"
    toolchain.run([verilator, *flags, VERILOG], folder, "Verilating the design")


def compile_unit(
    folder: Path,
    headers: Sequence[str],
    last: str,
    defines: Sequence[str] = (),
    runtime: Sequence[str] = ("verilated", "verilated_threads"),
    libraries: Sequence[str] = (),
) -> None:
    """Compiles, as one unit, headers, the Verilated C++ and the file `last` into the shared library.

    runtime: files of Verilator's runtime to link with. Half of the time went into the headers that all models
    share, so these are compiled once, too.
    """
    objects = [runtime_object(name) for name in runtime]
    sources = sorted(path.name for path in (folder / "obj").glob("Vdut*.cpp"))
    slow = [name for name in sources if name.endswith("__Slow.cpp")]
    fast = [name for name in sources if name not in slow]
    optimisation = QUICK if sum((folder / "obj" / name).stat().st_size for name in fast) > LARGE else THOROUGH
    unit = [
        *map(_included, (*headers, *fast)),
        *UNOPTIMISED,
        *map(_included, slow),
        OPTIMISED,
        _included(last),
    ]
    (folder / "obj" / "model.cpp").write_text("\n".join(unit) + "\n")
    command: list[str | Path] = [
        toolchain.program("g++"),
        *COMPILE,
        optimisation,
        *defines,
        "-include",
        _common_headers([optimisation, *defines]),
        "-Iobj",
        *_include(),
        "obj/model.cpp",
        *objects,
    ]
    command += ["-shared", "-Wl,-Bsymbolic", "-lpthread", *libraries, "-o", LIBRARY]
    toolchain.run(command, folder, "compiling the Verilated design")


def _included(name: str) -> str:
    return f'#include "{name}"'


def _common_headers(options: Sequence[str]) -> Path:
    """`COMMON` as a file, with what g++ makes of it beside: it is read where the options are the same."""

    def make(folder: Path) -> None:
        (folder / "common.hpp").write_text(COMMON)
        command: list[str | Path] = [toolchain.program("g++"), *COMPILE, *options, *_include()]
        command += ["-x", "c++-header", "common.hpp", "-o", "common.hpp.gch"]
        toolchain.run(command, folder, "compiling Verilator's headers")

    return cached("verilator", key_of(COMMON, *options, *tools()), make) / "common.hpp"


def runtime_object(name: str) -> Path:
    """One file of Verilator's own runtime, compiled once for all models."""

    def make(folder: Path) -> None:
        source = toolchain.verilator_root() / "include" / f"{name}.cpp"
        command: list[str | Path] = [
            toolchain.program("g++"),
            *COMPILE,
            THOROUGH,
            *_include(),
            "-c",
            source,
            "-o",
            f"{name}.o",
        ]
        try:
            toolchain.run(command, folder, f"compiling Verilator's runtime ({name})")
        except SpikelockError as error:
            if name != "verilated_fst_c":
                raise
            raise MissingTool(
                f'waves="fst" needs zlib and lz4: apt install zlib1g-dev liblz4-dev, or waves="vcd"\n{error}'
            ) from error

    return cached("verilator", key_of(name, *tools()), make) / f"{name}.o"


def _include() -> list[str]:
    include = toolchain.verilator_root() / "include"
    return [f"-I{include}", f"-I{include}/vltstd"]
