"""Comparator encoder in hardware; what it gives is stated in `models/sc/encoder.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.encoder import CORE, Params

from ..bit_streams import below
from ..ports import signature


class Encoder(wiring.Component):
    """Ports as declared in `models/sc/encoder.py`; one comparator a lane, its bit in a register."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, payload = self.params, self.input.payload
        earlier = [
            Signal(params.width, init=-1 & ((1 << params.width) - 1), name=f"number_{age}")
            for age in range(1, max(params.delays) + 1)
        ]
        numbers = [payload.number, *earlier]
        values = self.registers if params.held else payload

        bits = []
        for lane in range(params.lanes):
            number = numbers[params.delays[lane]].rotate_left(params.rotations[lane])
            bits.append(below(number, values[f"value{lane}"], bipolar=params.bipolar))

        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += self.output.payload.bits.eq(Cat(bits))
            m.d.sync += [later.eq(number) for later, number in zip(earlier, numbers, strict=False)]
        return m


def component(params: Params) -> Encoder:
    """The component that embodies `sc.encoder`."""
    return Encoder(params)
