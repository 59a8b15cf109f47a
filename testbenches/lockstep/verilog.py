"""From an Amaranth component, or Verilog, to RTLIL and Verilog; chosen inner signals are led out as ports."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from amaranth.back import rtlil
from amaranth.back import verilog as verilog_backend
from amaranth.hdl import ClockDomain, Fragment, Signal
from amaranth.hdl._ir import Design, PortDirection
from amaranth.lib import wiring

from spikelock.models.core import Timing
from spikelock.models.errors import BadInput, MissingTool, SpikelockError
from spikelock.models.fixed import Q
from spikelock.models.ports import Port
from spikelock.testbenches.places import with_directives
from spikelock.testbenches.yosys import kept_yosys

TOP = "dut"
"""Name of the top module."""

SOURCE = "dut.v"
"""Name of the file in which tools find Verilog, for their messages and source lines."""


FOR_COVERAGE = "# names source lines\n"
"""Begins an RTLIL text that names the source lines of the Amaranth code."""

PORT = re.compile(r"^  (?:input|output) (?:\[.*?\] )?(\S+) ?;$", re.MULTILINE)
DECLARATION = re.compile(r"^  (?:wire|reg) (?:signed )?(?:\[.*?\] )?(?P<name>[^\s;]+).*;$", re.MULTILINE)
"""Declarations in Verilog by Yosys, where a port is also declared as a wire or a register."""


@dataclass(frozen=True)
class Verilog:
    """Hardware written in Verilog: takes the place of an Amaranth component.

    text: its top module is `dut`, with ports named by Amaranth's convention, all of them listed in its header
    by name alone; `places.py` describes comments that say where its lines come from. timing: what it
    promises.
    """

    text: str
    timing: Timing


@dataclass(frozen=True)
class Converted:
    """A component as RTLIL text, and the probes led out of it: level outputs with the one field `value`."""

    rtlil: str
    probes: Mapping[str, Port]


def convert(
    component: wiring.Component | Verilog,
    clocks: Collection[str],
    probes: Mapping[str, str],
    emit_src: bool = False,
    name: str = TOP,
) -> Converted:
    """RTLIL of a component whose clock domains `clocks` are driven from outside.

    probes: name of the new port → path of a signal, as `submodule.submodule.signal`. emit_src: names the
    source lines of the Amaranth code. name: of the top module. Raises BadInput where a probe's path names no
    signal, and for probes of Verilog; for Verilog that Yosys cannot read, SpikelockError.
    """
    if isinstance(component, Verilog):
        if probes:
            raise BadInput(f"probes {', '.join(probes)}: signals are led out of Amaranth components alone")
        commands = f"hierarchy -check -top {TOP}\nrename {TOP} {name}\nwrite_rtlil design.il"
        return Converted(read_verilog(component.text, TOP, commands, "design.il"), {})
    fragment = Fragment.get(component, None)
    ports = {
        "__".join(map(str, path)): (_signal(value), _direction(member.flow))
        for path, member, value in component.signature.flatten(component)
    }
    for clock in sorted(set(clocks) - set(fragment.domains)):
        domain = ClockDomain(clock)
        fragment.add_domains(domain)
        ports |= {pin.name: (pin, PortDirection.Input) for pin in (domain.clk, domain.rst)}

    design = fragment.prepare(ports, hierarchy=(name,))

    signals = _signals(design) if probes else {}
    formats = {}
    led_out = []
    for probe, path in probes.items():
        if path not in signals:
            raise BadInput(
                f"probe {probe}: no signal is called {path!r}; there are: {', '.join(sorted(signals))}"
            )
        shape = signals[path].shape()
        formats[probe] = Port({"value": Q(shape.width, 0, shape.signed)}, kind="level")
        led_out.append((probe, signals[path], PortDirection.Output))
    design = Design(design.fragment, [*design.ports, *led_out], hierarchy=(name,))
    text, _ = rtlil.convert_fragment(design, name=name, emit_src=emit_src)
    return Converted(FOR_COVERAGE + text if emit_src else text, formats)


def read_verilog(text: str, top: str, commands: str, output: str) -> str:
    """What Yosys writes to the file `output` when it has read a Verilog text and carried out commands.

    Its own reader knows most of Verilog; what that refuses is left to slang, which knows SystemVerilog.
    commands: one a line, with `output` among them. Raises SpikelockError, with what both say, where neither
    can read it, MissingTool without Yosys.
    """
    refused = []
    placed = with_directives(text)
    for reader in ("read_verilog -sv", f"read_slang --threads 1 --top {top}"):
        try:
            return kept_yosys(f"{reader} {SOURCE}\n{commands}\n", {SOURCE: placed}, output)
        except MissingTool:
            raise
        except SpikelockError as error:
            refused.append(f"{reader}: {error}")
    raise SpikelockError("\n".join(["Yosys cannot read the Verilog", *refused]))


def to_verilog(rtlil_text: str) -> str:
    """Verilog of an RTLIL text, by the Yosys that comes with Amaranth.

    With source lines, as coverage needs them, Verilator is told to count toggles of ports alone: those of all
    wires are hundreds of thousands. Raises SpikelockError where that fails.
    """
    os.environ["AMARANTH_USE_YOSYS"] = "builtin"
    try:
        text = verilog_backend._convert_rtlil_text(rtlil_text)  # pyright: ignore[reportPrivateUsage]
    except verilog_backend.YosysError as error:
        raise SpikelockError(f"Yosys could not write the design as Verilog: {error}") from error
    return _with_port_toggles_only(text) if rtlil_text.startswith(FOR_COVERAGE) else text


def _with_port_toggles_only(text: str) -> str:
    """Verilog whose other wires and registers Verilator does not watch; no line changes its number."""
    ports = set(PORT.findall(text))

    def unwatched(declaration: re.Match[str]) -> str:
        if declaration["name"] in ports:
            return declaration[0]
        return f"/*verilator coverage_off*/{declaration[0]}/*verilator coverage_on*/"

    return DECLARATION.sub(unwatched, text)


def verilog(component: wiring.Component, clocks: Collection[str] = ("sync",), name: str = TOP) -> str:
    """Verilog of a component, without the places of its source: equal for equal hardware."""
    return to_verilog(convert(component, clocks, {}, name=name).rtlil)


def without_power_up_values(rtlil_text: str) -> str:
    """RTLIL in which no register has a value before its first reset; memories keep their initial contents."""
    return re.sub(r"^ *attribute \\init .*\n", "", rtlil_text, flags=re.MULTILINE)


def _signal(value: Any) -> Signal:
    return value if isinstance(value, Signal) else value.as_value()


def _direction(flow: wiring.Flow) -> PortDirection:
    return PortDirection.Input if flow == wiring.In else PortDirection.Output


def _signals(design: Design) -> dict[str, Signal]:
    """Every signal of the design by its path: names of the submodules and of the signal, joined by dots."""
    return {
        ".".join((*info.name[1:], name)): signal
        for info in design.fragments.values()
        for signal, name in info.signal_names.items()
    }
