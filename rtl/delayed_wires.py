"""Wires that take as long as they are told: the worst between two ends of a handshake, for a bench."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer.handshake import delays

from .fixed import layout


class DelayedWires(wiring.Component):
    """Request and acknowledge, each edge of which comes a cycle later and as many more as `delays` say.

    The data are right at the other end only where the protocol asks for it: from `delays.data` cycles after
    the request has risen here until it falls here. At all other times each bit of them is wrong. Delays are
    taken at the end of a handshake, for the next ones.
    """

    def __init__(self, shape: Any) -> None:
        super().__init__(
            {
                "delays": In(stream.Signature(layout(delays()))),
                "request": In(1),
                "data": In(shape),
                "acknowledge": In(1),
                "request_there": Out(1),
                "data_there": Out(shape),
                "acknowledge_here": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        delay = Signal.like(self.delays.payload)
        since = Signal.like(delay.data)  # cycles since the request rose, at most all ones
        right = Signal()
        bits = Value.cast(self.data)
        self._follow(m, "request", self.request, self.request_there, delay.request)
        self._follow(m, "acknowledge", self.acknowledge, self.acknowledge_here, delay.acknowledge)
        m.d.sync += since.eq(Mux(self.request, since + ~since.all(), 0))
        m.d.comb += [
            right.eq(self.request & (since >= delay.data)),
            self.data_there.eq(Mux(right, bits, ~bits)),
        ]
        ended = Signal()
        before = Signal()
        m.d.sync += before.eq(self.acknowledge_here)
        m.d.comb += [ended.eq(before & ~self.acknowledge_here), self.delays.ready.eq(ended)]
        with m.If(ended & self.delays.valid):
            m.d.sync += delay.eq(self.delays.payload)
        return m

    @staticmethod
    def _follow(m: Module, name: str, here: Value, there: Value, delay: Value) -> None:
        waited = Signal.like(delay, name=f"{name}_waited")
        with m.If(here == there):
            m.d.sync += waited.eq(0)
        with m.Elif(waited < delay):
            m.d.sync += waited.eq(waited + 1)
        with m.Else():
            m.d.sync += [there.eq(here), waited.eq(0)]
