"""Measures latency and saturation of a mesh of routers in Verilator, and keeps them.

python -m docs.measure_noc             writes docs/noc_measured.json; it takes minutes to build the mesh

`docs.make_figures` draws them beside the model's.
"""

from __future__ import annotations

from dataclasses import replace

from spikelock.models.network.noc.curves import save_curves
from spikelock.testbenches.noc.measuring import RouterMesh

from .mapping_figures import MEASURED, noc_patterns, noc_rates


def main() -> None:
    """Measures each pattern at the rates at which the model is drawn."""
    patterns = noc_patterns()
    entries = max(len(table) for pattern in patterns for table in pattern.tables().values())
    mesh = RouterMesh(replace(patterns[0].machine, entries=entries))
    curves = [mesh.curve(pattern, noc_rates(pattern)) for pattern in patterns]
    about = {"mesh": "3x3", "level": "rtl", "queue": mesh.params.queue, "cycles": 4000, "warm_up": 500}
    save_curves(MEASURED, curves, about)


if __name__ == "__main__":
    main()
