"""From an Amaranth component to a netlist of FPGA cells, and from that to a model that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spikelock.models.errors import SpikelockError
from spikelock.models.ports import Port
from spikelock.testbenches import toolchain
from spikelock.testbenches.lockstep import Built, build_verilog
from spikelock.testbenches.lockstep.builds import Waves, clocks_of
from spikelock.testbenches.yosys import kept_yosys

from .families import FAMILIES, cell_models, known_cells

SCRIPT = """\
read_rtlil dut.il
{synthesis}
check -noinit
write_verilog -noattr dut.v
"""

CELL = re.compile(r"^  (\w+) (?:#\(|\\?\S+ \()", re.MULTILINE)
"""The first line of a cell in what `write_verilog` writes, and its kind."""

NOT_CELLS = {"assign", "module", "input", "output", "wire", "reg"}


def netlist(component: Any, clocks: tuple[str, ...], family: str) -> str:
    """Verilog of nothing but cells of a family, top module `dut`, kept in the build cache.

    Raises MissingTool, SpikelockError where synthesis fails or leaves a cell that nothing models.
    """
    toolchain.version("amaranth")
    from spikelock.testbenches.lockstep.verilog import convert

    rtlil = convert(component, clocks, {}).rtlil
    script = SCRIPT.format(synthesis=FAMILIES[family].synthesis)
    cells = kept_yosys(script, {"dut.il": rtlil}, "dut.v")
    if unknown := set(CELL.findall(cells)) - known_cells(family) - NOT_CELLS:
        raise SpikelockError(
            f"the {FAMILIES[family].title} netlist has cells without a model: {', '.join(sorted(unknown))}"
        )
    return cells


def with_models(cells: str, family: str) -> str:
    """A netlist together with what its cells do: Verilog that a simulator can run."""
    return cells + cell_models(family)


def build_netlist(
    component: Any,
    inputs: Mapping[str, Port],
    outputs: Mapping[str, Port],
    family: str,
    *,
    waves: Waves | None = None,
) -> Built:
    """The netlist of a component, built for lockstep: as `lockstep.build`, in cells of a family."""
    cells = netlist(component, clocks_of(inputs, outputs, ()), family)
    return build_verilog(with_models(cells, family), inputs, outputs, waves=waves)
