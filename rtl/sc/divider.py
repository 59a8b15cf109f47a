"""Division of correlated streams in hardware; what it gives is stated in `models/sc/divider.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring

from spikelock.models.sc.divider import CORE, Params

from ..ports import signature


class Divider(wiring.Component):
    """Ports as declared in `models/sc/divider.py`: a shift register and a multiplexer."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        depth, payload = self.params.depth, self.input.payload
        start = sum(bit << address for address, bit in enumerate(self.params.start))
        past = Signal(depth, init=start)
        repeated = past.bit_select(payload.address, 1) if depth > 1 else past

        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += self.output.payload.quotient.eq(Mux(payload.divisor, payload.dividend, repeated))
            with m.If(payload.divisor):
                m.d.sync += past.eq(Cat(payload.dividend, past))
        return m


def component(params: Params) -> Divider:
    """The component that embodies `sc.divider`."""
    return Divider(params)
