"""Tiles one behind the other in hardware. What it computes is told in `models/fabric/chain.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from amaranth.hdl import Cat, Module
from amaranth.lib import wiring

from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE, Params, TileParams, core_of, prefix
from spikelock.models.fabric.inspection import chain_inspected, tile_states
from spikelock.models.fabric.tile import Params as ExactParams
from spikelock.models.ports import Records

from ..ports import inspection, signature
from ..sc.tile import Tile as StochasticTile
from .tile import Tile


class Chain(wiring.Component):
    """Ports as declared in `models/fabric/chain.py`; `load` reaches all tiles and is always ready.

    contents: what the memories of tiles with exact sums hold from power-up, as in `Tile`. inspect: adds the
    ports by which they are read, as in `Tile`; tiles with bit streams have none.
    """

    def __init__(
        self,
        params: Params | None = None,
        contents: Mapping[str, Records] | None = None,
        *,
        inspect: bool = False,
    ) -> None:
        self.params = params or Params()
        self.contents = contents or {}
        self.inspectable = inspect
        members = inspection(chain_inspected(self.params)) if inspect else {}
        super().__init__(signature(CORE, self.params) | members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        tiles = []
        registers = iter(CORE.registers(self.params))
        first_memory = 0
        events = wiring.flipped(self.input)
        m.d.comb += self.load.ready.eq(1)
        for number, sizes in enumerate(self.params.tiles):
            m.submodules[f"tile{number}"] = tile = _tile(sizes, self._contents_of(number), self.inspectable)
            tiles.append(tile)
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
        if self.inspectable:
            self._inspect(m, tiles)
        return m

    def _inspect(self, m: Module, tiles: Sequence[Tile]) -> None:
        """Joins the tiles' ports; the numbers of all loaded memories come before those of all states."""
        m.d.comb += self.inspected.idle.eq(Cat(tile.inspected.idle for tile in tiles).all())
        sizes = [one for one in self.params.tiles if isinstance(one, ExactParams)]
        loaded = [len(core_of(one).memories(one)) for one in sizes]
        owners = [(tile, n) for tile, count in zip(tiles, loaded, strict=True) for n in range(count)]
        owners += [
            (tile, count + n)
            for tile, count, one in zip(tiles, loaded, sizes, strict=True)
            for n in range(len(tile_states(one)))
        ]
        for tile in tiles:
            m.d.comb += tile.inspect.address.eq(self.inspect.address)
        with m.Switch(self.inspect.memory):
            for number, (tile, of_tile) in enumerate(owners):
                with m.Case(number):
                    m.d.comb += [
                        tile.inspect.memory.eq(of_tile),
                        self.inspected.data.eq(tile.inspected.data),
                    ]

    def _contents_of(self, number: int) -> dict[str, Records]:
        start = prefix(number)
        return {n.removeprefix(start): c for n, c in self.contents.items() if n.startswith(start)}


def _tile(params: TileParams, contents: Mapping[str, Records], inspect: bool) -> Any:
    """A tile of either kind."""
    if isinstance(params, ExactParams):
        return Tile(params, contents, inspect=inspect)
    if contents:
        raise BadInput(f"contents of {', '.join(contents)}: the memories of a stochastic tile are loaded")
    return StochasticTile(params)


def component(
    params: Params, contents: Mapping[str, Records] | None = None, *, inspect: bool = False
) -> Chain:
    """The component that embodies `fabric.chain`, with what its memories hold from power-up."""
    return Chain(params, contents, inspect=inspect)
