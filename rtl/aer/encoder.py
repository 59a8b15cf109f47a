"""From spike vectors to events, in hardware; `models/aer/encoder.py` says to which.

A vector is kept while its lowest spike is sent, an event a cycle; then that bit is cleared. The next vector
is taken when the mark leaves: s spikes take s + 1 cycles.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.aer.encoder import CORE, Params
from spikelock.models.fabric.tile import Kind

from ..ports import signature


class Encoder(wiring.Component):
    """Ports as declared in `models/aer/encoder.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, event = self.params, self.output.payload
        remaining = Signal(params.neurons)  # spikes that have not been sent
        busy = Signal()
        leaves = Signal()
        m.d.comb += [
            self.output.valid.eq(busy),
            leaves.eq(self.output.ready),
            self.vector.ready.eq(~busy | (leaves & ~remaining.any())),
            event.kind.eq(Kind.TICK),
        ]
        for number in reversed(range(params.neurons)):
            with m.If(remaining[number]):
                m.d.comb += [event.kind.eq(Kind.SPIKE), event.address.eq(params.base + number)]
        with m.If(leaves):
            m.d.sync += remaining.eq(remaining & (remaining - 1))
        with m.If(self.vector.ready):
            m.d.sync += busy.eq(self.vector.valid)
        with m.If(self.vector.ready & self.vector.valid):
            m.d.sync += remaining.eq(self.vector.payload)
        if params.event.tick_width:
            tick = Signal(params.event.tick_width)
            m.d.comb += event.tick.eq(tick)
            with m.If(busy & self.vector.ready):
                m.d.sync += tick.eq(tick + 1)
        return m


def component(params: Params) -> Encoder:
    """The component that embodies `aer.encoder`."""
    return Encoder(params)
