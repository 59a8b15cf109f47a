"""From an Amaranth component to RTLIL and Verilog, with chosen inner signals led out as ports."""

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

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Q
from spikelock.models.ports import Port

TOP = "dut"
"""Name of the top module."""


@dataclass(frozen=True)
class Converted:
    """A component as RTLIL text, and the probes led out of it: level outputs with the one field `value`."""

    rtlil: str
    probes: Mapping[str, Port]


def convert(
    component: wiring.Component,
    clocks: Collection[str],
    probes: Mapping[str, str],
    emit_src: bool = False,
    name: str = TOP,
) -> Converted:
    """RTLIL of a component whose clock domains `clocks` are driven from outside.

    probes: name of the new port → path of a signal, as `submodule.submodule.signal`. emit_src: names the
    source lines of the Amaranth code. name: of the top module. Raises BadInput where a probe's path names no
    signal.
    """
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
    return Converted(text, formats)


def to_verilog(rtlil_text: str) -> str:
    """Verilog of an RTLIL text, by the Yosys that comes with Amaranth.

    Raises SpikelockError where that fails.
    """
    os.environ["AMARANTH_USE_YOSYS"] = "builtin"
    try:
        return verilog_backend._convert_rtlil_text(rtlil_text)  # pyright: ignore[reportPrivateUsage]
    except verilog_backend.YosysError as error:
        raise SpikelockError(f"Yosys could not write the design as Verilog: {error}") from error


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
