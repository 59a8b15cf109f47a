"""Tiles one behind the other: `fabric.chain`, the hardware of a whole feed-forward network.

    input ─▶ tile 0 ─▶ tile 1 ─▶ … ─▶ output

Each tile passes on all it receives, so the last one's stream holds every spike of every tile: within a tick,
first the inputs, then each tile's spikes, all in the order of their addresses when the inputs are.

A tile is a `fabric.tile`, whose sums are exact, or an `sc.tile`, whose sums are those of bit streams; both
kinds may stand in one chain.

Registers and memories are those of the tiles, the tile's number in front: `tile0_threshold`, `tile1_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.ports import MemoryMap, Port, RegisterMap
from spikelock.models.sc import tile as sc_tile

TileParams = tile.Params | sc_tile.Params
"""Parameters of a tile of either kind."""


def core_of(params: TileParams) -> Core:
    """The core that such a tile is."""
    return tile.CORE if isinstance(params, tile.Params) else sc_tile.CORE


@dataclass(frozen=True)
class Params:
    """tiles: in order. Each must have as many axons as there are addresses before it."""

    tiles: tuple[TileParams, ...] = (tile.Params(), tile.Params(axons=32))

    def __post_init__(self) -> None:
        if not self.tiles:
            raise BadInput("a chain of no tiles: give at least one")
        for number, (before, after) in enumerate(pairwise(self.tiles)):
            if after.axons != before.axons + before.neurons:
                raise BadInput(
                    f"tile {number + 1} has {after.axons} axons, but {before.axons + before.neurons} "
                    "addresses are before it: the two must be equal"
                )


def prefix(number: int) -> str:
    """What the register and memory names of a tile begin with."""
    return f"tile{number}_"


def registers(params: Params) -> RegisterMap:
    """The registers of every tile."""
    return {
        prefix(number) + name: register
        for number, sizes in enumerate(params.tiles)
        for name, register in core_of(sizes).registers(sizes).items()
    }


def memories(params: Params) -> MemoryMap:
    """The memories of every tile."""
    return {
        prefix(number) + name: memory
        for number, sizes in enumerate(params.tiles)
        for name, memory in core_of(sizes).memories(sizes).items()
    }


def join(configurations: list[Configuration]) -> Configuration:
    """The configuration of a chain from those of its tiles."""
    whole = Configuration({}, {})
    for number, part in enumerate(configurations):
        registers = {prefix(number) + name: value for name, value in part.registers.items()}
        memories = {prefix(number) + name: records for name, records in part.memories.items()}
        whole = Configuration({**whole.registers, **registers}, {**whole.memories, **memories})
    return whole


def split(params: Params, configuration: Configuration) -> list[Configuration]:
    """The configuration of each tile; inverse of `join`."""

    def part(values: Mapping[str, Any], number: int) -> dict[str, Any]:
        start = prefix(number)
        return {name.removeprefix(start): value for name, value in values.items() if name.startswith(start)}

    return [
        Configuration(part(configuration.registers, number), part(configuration.memories, number))
        for number in range(len(params.tiles))
    ]


def inputs(params: Params) -> Mapping[str, Port]:
    """Events for the first tile."""
    return core_of(params.tiles[0]).inputs(params.tiles[0])


def outputs(params: Params) -> Mapping[str, Port]:
    """Events of the last tile."""
    return core_of(params.tiles[-1]).outputs(params.tiles[-1])


def initial(params: Params, configuration: Configuration) -> list[Any]:
    """Every tile in its initial state."""
    return [
        core_of(sizes).initial(sizes, part)
        for sizes, part in zip(params.tiles, split(params, configuration), strict=True)
    ]


def reference(
    params: Params, configuration: Configuration, state: list[Any], transaction: tuple[int, int]
) -> tuple[list[Any], list[tuple[int, int]]]:
    """One event through all tiles in turn."""
    events, states = [transaction], []
    for sizes, part, before in zip(params.tiles, split(params, configuration), state, strict=True):
        produced: list[tuple[int, int]] = []
        for event in events:
            before, some = core_of(sizes).reference(sizes, part, before, event)
            produced += some
        states.append(before)
        events = produced
    return states, events


CORE = Core(
    name="fabric.chain",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=memories,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
