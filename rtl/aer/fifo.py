"""A queue of events in hardware; `models/aer/fifo.py` says what it does.

It is Amaranth's buffered queue, whose memory is read synchronously, so that it fits a block RAM.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import Out

from spikelock.models.aer.fifo import CORE, Params, occupancy

from ..ports import carried, signature


class FIFO(wiring.Component):
    """Ports as declared in `models/aer/fifo.py`, and the level `occupancy`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params) | {"occupancy": Out(carried(occupancy(self.params)))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        width = self.params.event.port().width
        m.submodules.queue = queue = SyncFIFOBuffered(width=width, depth=self.params.depth)
        m.d.comb += [
            queue.w_data.eq(self.input.payload),
            queue.w_en.eq(self.input.valid),
            self.input.ready.eq(self.occupancy.events != self.params.depth),
            self.output.payload.eq(queue.r_data),
            self.output.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.output.ready),
            self.occupancy.events.eq(queue.level),
        ]
        return m


def component(params: Params) -> FIFO:
    """The component that embodies `aer.fifo`."""
    return FIFO(params)
