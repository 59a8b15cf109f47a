"""Rectified linear unit of a stream in hardware; what it gives is stated in `models/sc/rectifier.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.rectifier import CORE, Params

from ..ports import signature


class Rectifier(wiring.Component):
    """Ports as declared in `models/sc/rectifier.py`: a counter of what goes out, whose sign forces ones."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        most = self.params.most
        count = Signal(range(-1, most + 1))
        bit = Signal()

        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            bit.eq(self.input.payload.bit | (count < 0)),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += self.output.payload.bit.eq(bit)
            with m.If(~bit):
                m.d.sync += count.eq(count - 1)
            with m.Elif(count != most):
                m.d.sync += count.eq(count + 1)
        return m


def component(params: Params) -> Rectifier:
    """The component that embodies `sc.rectifier`."""
    return Rectifier(params)
