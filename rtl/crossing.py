"""A stream of one clock in another, whose clocks need not be related."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Shape, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import AsyncFIFO
from amaranth.lib.wiring import In, Out

SETTLED = 4
"""Cycles for which a crossing must have been empty after a reset, before what comes out of it counts."""


class Crossing(wiring.Component):
    """From the domain `writes` to the domain `reads`; both are reset together.

    A reset of few cycles empties the FIFO for as long as its synchronisers take. Then the reading side may
    find its pointer where it was, and old words before it. These are read and dropped, and so is a new one
    that comes before that is over.
    """

    def __init__(self, shape: Any, places: int, writes: str, reads: str) -> None:
        self.places = places
        self.writes, self.reads = writes, reads
        words = stream.Signature(shape)
        super().__init__({"incoming": In(words), "outgoing": Out(words)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        width = Shape.cast(self.incoming.payload.shape()).width
        m.submodules.fifo = fifo = AsyncFIFO(
            width=width, depth=self.places, w_domain=self.writes, r_domain=self.reads
        )
        empty = Signal(range(SETTLED + 1))  # for so many cycles, since reset
        settled = Signal()
        with m.If(~settled):
            m.d[self.reads] += empty.eq(Mux(fifo.r_rdy, 0, empty + 1))
        m.d.comb += [
            settled.eq(empty == SETTLED),
            fifo.w_data.eq(self.incoming.payload),
            fifo.w_en.eq(self.incoming.valid),
            self.incoming.ready.eq(fifo.w_rdy),
            self.outgoing.payload.eq(fifo.r_data),
            self.outgoing.valid.eq(fifo.r_rdy & settled),
            fifo.r_en.eq(self.outgoing.ready | ~settled),
        ]
        return m
