"""Accumulative parallel counter in hardware; what it gives is stated in `models/sc/parallel_counter.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring

from spikelock.models.sc.parallel_counter import CORE, Params

from ..bit_streams import ones
from ..ports import signature


class ParallelCounter(wiring.Component):
    """Ports as declared in `models/sc/parallel_counter.py`: a tree of adders and a register.

    The register of the total is the output's payload too: after the last of a window it holds the count, and
    the next window begins by not adding it.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        width = self.params.width
        total, valid = self.output.payload.count, self.output.valid
        begins = Signal(init=1)  # the next transaction is the first of a window
        added = ones([self.input.payload.bits[i] for i in range(self.params.streams)])
        grown = Signal(max(width, len(added)) + 1)
        m.d.comb += [
            grown.eq(Mux(begins, 0, total) + added),
            self.output.payload.full.eq(total.all()),
            self.input.ready.eq(self.output.ready | ~valid),
        ]
        with m.If(self.input.ready):
            m.d.sync += valid.eq(self.input.valid & self.input.payload.last)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += begins.eq(self.input.payload.last)
            m.d.sync += total.eq(Mux(grown > self.params.most, self.params.most, grown))
        return m


def component(params: Params) -> ParallelCounter:
    """The component that embodies `sc.parallel_counter`."""
    return ParallelCounter(params)
