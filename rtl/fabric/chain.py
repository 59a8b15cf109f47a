"""Tiles one behind the other in hardware. What it computes is told in `models/fabric/chain.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring

from spikelock.models.fabric.chain import CORE, Params
from spikelock.models.fabric.tile import CORE as TILE

from ..ports import signature
from .tile import Tile


class Chain(wiring.Component):
    """Ports as declared in `models/fabric/chain.py`; `load` reaches all tiles and is always ready."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        registers = iter(CORE.registers(self.params))
        first_memory = 0
        events = wiring.flipped(self.input)
        m.d.comb += self.load.ready.eq(1)
        for number, sizes in enumerate(self.params.tiles):
            m.submodules[f"tile{number}"] = tile = Tile(sizes)
            wiring.connect(m, events, tile.input)
            events = tile.output

            for name in TILE.registers(sizes):
                m.d.comb += tile.registers[name].eq(self.registers[next(registers)])

            memories = len(TILE.memories(sizes))
            chosen = self.load.payload.memory - first_memory
            m.d.comb += [
                tile.load.payload.memory.eq(chosen),
                tile.load.payload.address.eq(self.load.payload.address),
                tile.load.payload.data.eq(self.load.payload.data),
                tile.load.valid.eq(self.load.valid & (chosen >= 0) & (chosen < memories)),
            ]
            first_memory += memories
        wiring.connect(m, events, wiring.flipped(self.output))
        return m


def component(params: Params) -> Chain:
    """The component that embodies `fabric.chain`."""
    return Chain(params)
