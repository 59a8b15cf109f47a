"""Shuffle buffer in hardware; what it gives is stated in `models/sc/decorrelator.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.decorrelator import CORE, Params

from ..ports import signature


class Decorrelator(wiring.Component):
    """Ports as declared in `models/sc/decorrelator.py`; the buffer is in registers."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        start = sum(bit << address for address, bit in enumerate(self.params.start))
        buffer = Signal(self.params.depth, init=start)
        bit, address = self.input.payload.bit, self.input.payload.address

        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            with m.If(address < self.params.depth):
                m.d.sync += self.output.payload.bit.eq(buffer.bit_select(address, 1))
                m.d.sync += buffer.bit_select(address, 1).eq(bit)
            with m.Else():
                m.d.sync += self.output.payload.bit.eq(bit)
        return m


def component(params: Params) -> Decorrelator:
    """The component that embodies `sc.decorrelator`."""
    return Decorrelator(params)
