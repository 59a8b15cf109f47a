"""A tile and its door in hardware; `models/fabric/node.py` says what it does.

The door takes an event as soon as the tile does, which is when it has done with the one before. So where the
tile takes no part in a step, its mark is sent on when the tile is ready for an event, and else when the tile
passes on TICK, or RESTART.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered

from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.fabric.node import CORE, Params, counters
from spikelock.models.fabric.tile import CORE as TILE
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records

from ..ports import carried, signature
from .tile import Tile


class Node(wiring.Component):
    """Ports as declared in `models/fabric/node.py`, and `counters`; `load` writes the tile's memories.

    contents: what these hold from power-up, as in `Tile`. shows_idle: adds the output `idle`: it holds no
    event, and will send nothing by itself.
    """

    def __init__(
        self,
        params: Params | None = None,
        contents: Mapping[str, Records] | None = None,
        *,
        shows_idle: bool = False,
    ) -> None:
        self.params = params or Params()
        self.tile = Tile(self.params.tile, contents)
        self.shows_idle = shows_idle
        more = {"counters": wiring.Out(carried(counters(self.params)))}
        more |= {"idle": wiring.Out(1)} if shows_idle else {}
        super().__init__({**signature(CORE, self.params), **more})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.tile = tile = self.tile
        wiring.connect(m, wiring.flipped(self.load), tile.load)
        for name in TILE.registers(params.tile):
            m.d.comb += tile.registers[name].eq(self.registers[name])

        # The queue holds indices of neurons, and marks: room for all of a tick, and never full then.
        index = Signal(range(params.tile.neurons))
        mark = Signal()
        m.submodules.queue = queue = SyncFIFOBuffered(width=len(index) + 1, depth=params.tile.neurons + 2)
        m.d.comb += queue.w_data.eq(Cat(mark, index))
        self._take(m, tile, queue, mark, index)
        self._send(m, queue)
        return m

    def _take(self, m: Module, tile: Tile, queue: SyncFIFOBuffered, mark: Signal, index: Signal) -> None:
        """From the input to the tile, and what follows from that to the queue."""
        event = self.input.payload
        begun = Signal()  # the first mark has been sent
        step = Signal.like(self.registers.step)
        restart = Signal()
        is_tick = Signal()
        to_tile = Signal()
        m.d.comb += [
            is_tick.eq(event.kind == Kind.TICK),
            to_tile.eq(
                Mux(
                    is_tick,
                    restart | (step == self.registers.step),
                    (event.kind == Kind.SPIKE) & (event.address < self.params.tile.axons),
                )
            ),
            tile.input.payload.kind.eq(Mux(is_tick & restart, Kind.RESTART, event.kind)),
            tile.input.payload.address.eq(Mux(is_tick, 0, event.address)),
            tile.input.valid.eq(self.input.valid & to_tile & begun & queue.w_rdy),
            self.input.ready.eq(tile.input.ready & begun & queue.w_rdy),
        ]
        with m.If(self.input.valid & self.input.ready), m.Switch(event.kind):
            with m.Case(Kind.TICK):
                m.d.sync += [restart.eq(0), step.eq(step + 1)]
                with m.If(restart | (step + 1 >= self.registers.steps)):
                    m.d.sync += step.eq(0)
                with m.If(~to_tile):
                    m.d.comb += [mark.eq(1), queue.w_en.eq(1)]
            with m.Case(Kind.RESTART):
                m.d.sync += restart.eq(1)
            with m.Default(), m.If(~to_tile):
                self._count_fault(m)
        if self.shows_idle:
            m.d.comb += self.idle.eq(begun & tile.input.ready & (queue.level == 0))
        with m.If(~begun):
            m.d.comb += [mark.eq(1), queue.w_en.eq(1)]
            m.d.sync += begun.eq(queue.w_rdy)

        sent = tile.output.payload
        own = Signal()
        m.d.comb += [
            own.eq((sent.kind == Kind.SPIKE) & (sent.address >= self.params.tile.axons)),
            tile.output.ready.eq(queue.w_rdy),
            index.eq(sent.address - self.params.tile.axons),
        ]
        with m.If(tile.output.valid):
            m.d.comb += [mark.eq(~own), queue.w_en.eq(own | (sent.kind != Kind.SPIKE))]

    def _count_fault(self, m: Module) -> None:
        faults = self.counters.faults
        m.d.sync += faults.eq(Mux(faults == (1 << COUNTER_WIDTH) - 1, faults, faults + 1))

    def _send(self, m: Module, queue: SyncFIFOBuffered) -> None:
        """From the queue to the output: an index becomes a key."""
        out = self.output.payload
        mark, index = queue.r_data[0], queue.r_data[1:]
        m.d.comb += [
            self.output.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.output.ready),
            out.kind.eq(Mux(mark, Kind.TICK, Kind.SPIKE)),
            out.address.eq(Mux(mark, 0, self.registers.base + index)),
        ]
        if self.params.payload_width:
            m.d.comb += out.payload.eq(Mux(mark, 0, self.params.number))


class Alone(wiring.Component):
    """A node whose output is silent until an event has come."""

    def __init__(self, params: Params, contents: Mapping[str, Records] | None = None) -> None:
        self.node = Node(replace(params, alone=False), contents)
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.node = node = self.node
        begun = Signal()
        wiring.connect(m, wiring.flipped(self.load), node.load)
        wiring.connect(m, wiring.flipped(self.input), node.input)
        m.d.comb += [
            node.registers.eq(self.registers),
            self.output.payload.eq(node.output.payload),
            self.output.valid.eq(node.output.valid & begun),
            node.output.ready.eq(self.output.ready & begun),
        ]
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += begun.eq(1)
        return m


def component(params: Params, contents: Mapping[str, Records] | None = None) -> Node | Alone:
    """The component that embodies `fabric.node`."""
    return Alone(params, contents) if params.alone else Node(params, contents)
