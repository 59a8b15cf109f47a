"""Saturating up/down counter in hardware; what it gives is stated in `models/sc/up_down_counter.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring

from spikelock.models.sc.up_down_counter import CORE, Params

from ..ports import signature


class UpDownCounter(wiring.Component):
    """Ports as declared in `models/sc/up_down_counter.py`; the output's register is the counter."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        up, down = self.input.payload.up, self.input.payload.down
        count = self.output.payload.count

        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            with m.If(up & ~down & (count != self.params.count.maximum)):
                m.d.sync += count.eq(count + 1)
            with m.If(down & ~up & (count != self.params.count.minimum)):
                m.d.sync += count.eq(count - 1)
        return m


def component(params: Params) -> UpDownCounter:
    """The component that embodies `sc.up_down_counter`."""
    return UpDownCounter(params)
