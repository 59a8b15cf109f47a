"""A mapped network as hardware: the `fabric.mesh` that runs it, and what a host loads into that."""

from __future__ import annotations

from collections.abc import Iterable

from spikelock.models.core import Configuration
from spikelock.models.fabric import mesh
from spikelock.models.ports import Layout, Records

from .mapped import Mapped
from .tables import Entry


def hardware(mapped: Mapped, *, queue: int = 4) -> tuple[mesh.Params, Configuration]:
    """Parameters and configuration. Tiles are as large as what is placed there needs.

    queue: events that wait for an output of a router.
    """
    tiles = {one.node: one.params for one in mapped.placed}
    machine = mapped.machine
    step_width = mapped.steps.bit_length()
    params = mesh.Params(machine, tuple(tiles.get(n) for n in range(machine.nodes)), queue, step_width)
    registers: dict[str, int] = {}
    memories: dict[str, Records] = {}
    for number, sizes in enumerate(params.routers):
        layout = sizes.table["table"].layout
        memories[mesh.prefix(number) + "table"] = table_records(layout, mapped.tables[number])
    for one in mapped.placed:
        start = mesh.prefix(one.node)
        place = {"base": one.block.base, "step": one.step, "steps": mapped.steps}
        registers |= {start + name: value for name, value in {**one.configuration.registers, **place}.items()}
        memories |= {start + name: records for name, records in one.configuration.memories.items()}
    return params, mesh.CORE.configuration(params, registers, memories)


def table_records(layout: Layout, entries: Iterable[Entry]) -> Records:
    """The `table` memory of a router: a record an entry, in order."""
    return layout.from_tuples(
        (1, entry.key, entry.mask, sum(1 << port for port in entry.outputs)) for entry in entries
    )
