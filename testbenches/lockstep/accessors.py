"""Writes `dut.hpp`: for each port, C++ that moves a record between an array and the Verilated pins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spikelock.models.errors import BadInput
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Pin:
    """A port of the Verilated top module: its C++ name, its direction (IN or OUT) and its bits."""

    name: str
    direction: str
    width: int


def read_pins(header: str) -> dict[str, Pin]:
    """Pins declared in a Verilated top header, by their Verilog name."""
    pins = {}
    for direction, name, high, low in re.findall(
        r"^\s*VL_(IN|OUT|INOUT)(?:8|16|64|W)?\(&(\w+),(\d+),(\d+)", header, re.MULTILINE
    ):
        verilog_name = re.sub(r"__0([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), name)
        pins[verilog_name] = Pin(name, direction, int(high) - int(low) + 1)
    return pins


def clock_pin(clock: str) -> str:
    """Verilog name of a domain's clock, by Amaranth's convention."""
    return "clk" if clock == "sync" else f"{clock}_clk"


def reset_pin(clock: str) -> str:
    """Verilog name of a domain's reset, by Amaranth's convention."""
    return "rst" if clock == "sync" else f"{clock}_rst"


def accessors(
    pins: Mapping[str, Pin], inputs: Mapping[str, Port], outputs: Mapping[str, Port], clocks: Sequence[str]
) -> str:
    """The text of `dut.hpp`. Raises BadInput where ports and pins differ in name, direction or width."""
    left = dict(pins)

    def take(name: str, direction: str, width: int) -> str:
        pin = left.pop(name, None)
        if pin is None:
            raise BadInput(f"the design has no port {name!r}; it has: {', '.join(sorted(pins))}")
        if (pin.direction, pin.width) != (direction, width):
            raise BadInput(
                f"port {name} is {pin.direction.lower()}put of {pin.width} bits in the design, "
                f"but described as {direction.lower()}put of {width} bits"
            )
        return pin.name

    parts = ['#include "Vdut.h"', '#include "pins.hpp"', "", "namespace spikelock {"]
    kinds: dict[str, list[str]] = {"InputStream": [], "OutputStream": [], "InputLevel": [], "OutputLevel": []}
    for direction, ports in (("Input", inputs), ("Output", outputs)):
        into = "IN" if direction == "Input" else "OUT"
        back = "OUT" if direction == "Input" else "IN"
        for name, port in ports.items():
            kind = direction + port.kind.capitalize()
            struct = f"{kind}{len(kinds[kind])}"
            kinds[kind].append(struct)
            stream = port.kind == "stream"
            parts += [
                f"struct {struct} {{  // {name}",
                f"    static constexpr int clock = {clocks.index(port.clock)};",
            ]
            if port.width:
                payload = take(f"{name}__payload" if stream else name, into, port.width)
                parts += _payload(payload, port, direction == "Input")
            else:
                parts += _no_payload(direction == "Input")
            if stream:
                parts += _pin("valid", take(f"{name}__valid", into, 1))
                parts += _pin("ready", take(f"{name}__ready", back, 1))
            parts += ["};"]
    for index, clock in enumerate(clocks):
        parts += [f"struct Clock{index} {{  // {clock}"]
        for name, pin in (("clock", clock_pin(clock)), ("reset", reset_pin(clock))):
            parts += (
                _pin(name, take(pin, "IN", 1))
                if pin in left
                else [f"    static void {name}(Vdut&, bool) {{}}"]
            )
        parts += ["};"]
    if undriven := sorted(name for name, pin in left.items() if pin.direction != "OUT"):
        raise BadInput(f"inputs of the design that no port describes: {', '.join(undriven)}")

    clock_list = [f"Clock{index}" for index in range(len(clocks))]
    for kind, structs in (*kinds.items(), ("Clock", clock_list)):
        parts.append(f"using {kind}s = Ports<{', '.join(structs)}>;")
    return "\n".join([*parts, "}  // namespace spikelock", ""])


def _pin(name: str, pin: str) -> list[str]:
    return [
        f"    static bool {name}(const Vdut& dut) {{ return dut.{pin}; }}",
        f"    static void {name}(Vdut& dut, bool on) {{ dut.{pin} = on; }}",
    ]


def _payload(pin: str, port: Port, driven: bool) -> list[str]:
    """Moves of one record: `fits`, `drive` and `scramble` for an input, `read` for an output."""
    fields = []
    offset = 0
    for q in port.fields.values():
        fields.append((offset, q.width, "true" if q.signed else "false"))
        offset += q.width
    lines = [f"    static constexpr int fields = {len(fields)};"]
    if driven:
        checks = " && ".join(
            f"representable<{width}, {sign}>(r[{i}])" for i, (_, width, sign) in enumerate(fields)
        )
        lines += [f"    static bool fits(const int64_t* r) {{ return {checks}; }}"]
        lines += ["    static void drive(Vdut& dut, const int64_t* r) {"]
        lines += [
            f"        put<{at}, {width}>(dut.{pin}, r[{i}]);" for i, (at, width, _) in enumerate(fields)
        ]
        lines += ["    }", "    static void scramble(Vdut& dut) {"]
        lines += [f"        invert<{at}, {width}>(dut.{pin});" for at, width, _ in fields]
    else:
        lines += ["    static void read(const Vdut& dut, int64_t* r) {"]
        lines += [
            f"        r[{i}] = get<{at}, {width}, {sign}>(dut.{pin});"
            for i, (at, width, sign) in enumerate(fields)
        ]
    return [*lines, "    }"]


def _no_payload(driven: bool) -> list[str]:
    """A stream of bare handshakes."""
    lines = ["    static constexpr int fields = 0;"]
    if driven:
        return [
            *lines,
            "    static bool fits(const int64_t*) { return true; }",
            "    static void drive(Vdut&, const int64_t*) {}",
            "    static void scramble(Vdut&) {}",
        ]
    return [*lines, "    static void read(const Vdut&, int64_t*) {}"]
