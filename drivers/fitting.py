"""Whether a chain in hardware can run a program, and if not, why."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from spikelock.models.fabric import chain, tile
from spikelock.models.fabric.inspection import exact_tiles


def misfits(board: chain.Params, program: chain.Params) -> list[str]:
    """What stands in the way, one sentence each; nothing where the program runs on that board.

    All sizes have to be equal, as addresses depend on them; only the synapse memory may be larger than
    needed. What a host sets by registers may differ. Raises BadInput for tiles that compute with bit streams.
    """
    if len(board.tiles) != len(program.tiles):
        return [f"it has {_counted(len(board.tiles), 'tile')}, the program needs {len(program.tiles)}"]
    return [
        f"tile {number} has {name} = {has}, the program needs {needs}"
        for number, (ours, theirs) in enumerate(zip(exact_tiles(board), exact_tiles(program), strict=True))
        for name, has, needs in _differences(ours, theirs)
    ]


def _differences(board: tile.Params, program: tile.Params) -> list[tuple[str, Any, Any]]:
    found = [
        (field.name, getattr(board, field.name), getattr(program, field.name))
        for field in fields(tile.Params)
        if field.name != "neuron"
    ]
    set_by_host = tile.registers(board).keys() & tile.registers(program).keys()
    found += [
        (f"neuron.{field.name}", getattr(board.neuron, field.name), getattr(program.neuron, field.name))
        for field in fields(board.neuron)
        if field.name not in set_by_host
    ]
    return [
        (name, getattr(has, "value", has), getattr(needs, "value", needs))
        for name, has, needs in found
        if (has < needs if name == "synapses" else has != needs)
    ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
