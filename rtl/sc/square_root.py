"""Square root of a stream in hardware; what it gives is stated in `models/sc/square_root.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.square_root import CORE, Params

from ..ports import signature


class SquareRoot(wiring.Component):
    """Ports as declared in `models/sc/square_root.py`: a comparator, and a counter that its output drives.

    The register of the output is the delay by one step too.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bit, last = self.input.payload.bit, self.output.payload.bit
        count = Signal(self.params.width, init=self.params.start)
        root, square = Signal(), Signal()

        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            root.eq(self.input.payload.number < count),
            square.eq(root & last),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += last.eq(root)
            with m.If(bit & ~square & ~count.all()):
                m.d.sync += count.eq(count + 1)
            with m.If(~bit & square):  # a root of 1 says that the count is not 0
                m.d.sync += count.eq(count - 1)
        return m


def component(params: Params) -> SquareRoot:
    """The component that embodies `sc.square_root`."""
    return SquareRoot(params)
