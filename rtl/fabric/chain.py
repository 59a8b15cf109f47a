"""Tiles one behind the other in hardware. What it computes is told in `models/fabric/chain.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring

from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE, Params, TileParams, core_of, prefix
from spikelock.models.fabric.tile import Params as ExactParams
from spikelock.models.ports import Records

from ..ports import signature
from ..sc.tile import Tile as StochasticTile
from .tile import Tile


class Chain(wiring.Component):
    """Ports as declared in `models/fabric/chain.py`; `load` reaches all tiles and is always ready.

    contents: what the memories of tiles with exact sums hold from power-up, as in `Tile`.
    """

    def __init__(self, params: Params | None = None, contents: Mapping[str, Records] | None = None) -> None:
        self.params = params or Params()
        self.contents = contents or {}
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        registers = iter(CORE.registers(self.params))
        first_memory = 0
        events = wiring.flipped(self.input)
        m.d.comb += self.load.ready.eq(1)
        for number, sizes in enumerate(self.params.tiles):
            m.submodules[f"tile{number}"] = tile = _tile(sizes, self._contents_of(number))
            wiring.connect(m, events, tile.input)
            events = tile.output

            for name in core_of(sizes).registers(sizes):
                m.d.comb += tile.registers[name].eq(self.registers[next(registers)])

            memories = len(core_of(sizes).memories(sizes))
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

    def _contents_of(self, number: int) -> dict[str, Records]:
        start = prefix(number)
        return {n.removeprefix(start): c for n, c in self.contents.items() if n.startswith(start)}


def _tile(params: TileParams, contents: Mapping[str, Records]) -> Any:
    """A tile of either kind."""
    if isinstance(params, ExactParams):
        return Tile(params, contents)
    if contents:
        raise BadInput(f"contents of {', '.join(contents)}: the memories of a stochastic tile are loaded")
    return StochasticTile(params)


def component(params: Params, contents: Mapping[str, Records] | None = None) -> Chain:
    """The component that embodies `fabric.chain`, with what its memories hold from power-up."""
    return Chain(params, contents)
