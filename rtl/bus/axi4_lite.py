"""AXI4-Lite register bank in hardware. What it does is told in `models/bus/axi4_lite.py`.

One access at a time. A write begins when both its address and its data are there, in whatever order they
came; where a read waits too, the two take turns.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from spikelock.models.bus.axi4_lite import CORE, Params
from spikelock.models.bus.register_space import Answer

from ..fixed import layout
from ..ports import signature
from ..register_access import RegisterAccess


class AXI4Lite(wiring.Component):
    """Ports as declared in `models/bus/axi4_lite.py`, and the registers that can be written as a level.

    Hardware that need not be told of writes ties `written.ready` to 1.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        values = layout(self.params.writable)
        super().__init__(signature(CORE, self.params) | {"registers": Out(values)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.registers = registers = RegisterAccess(self.params)
        m.d.comb += self.registers.eq(registers.registers)
        access, answer = registers.access, registers.answer

        write_waits = Signal()
        writes = Signal()
        last_wrote = Signal()
        m.d.comb += [
            write_waits.eq(self.aw.valid & self.w.valid),
            writes.eq(write_waits & ~(self.ar.valid & last_wrote)),
            access.valid.eq(write_waits | self.ar.valid),
            access.payload.write.eq(writes),
            access.payload.data.eq(self.w.payload.data),
            access.payload.strobe.eq(self.w.payload.strobe),
            self.aw.ready.eq(access.ready & writes),
            self.w.ready.eq(access.ready & writes),
            self.ar.ready.eq(access.ready & ~writes),
        ]
        with m.If(writes):
            m.d.comb += access.payload.address.eq(self.aw.payload.address)
        with m.Else():
            m.d.comb += access.payload.address.eq(self.ar.payload.address)
        with m.If(access.valid & access.ready):
            m.d.sync += last_wrote.eq(writes)

        failed = Signal()
        told = Signal()
        m.d.comb += [
            failed.eq(answer.payload.missing | answer.payload.refused),
            self.written.payload.register.eq(answer.payload.number),
            self.written.payload.data.eq(answer.payload.data),
            self.written.valid.eq(answer.valid & last_wrote & ~failed & ~told),
            self.b.valid.eq(answer.valid & last_wrote & (failed | told)),
            self.r.valid.eq(answer.valid & ~last_wrote),
            self.r.payload.data.eq(answer.payload.data),
            answer.ready.eq((self.b.valid & self.b.ready) | (self.r.valid & self.r.ready)),
        ]
        with m.If(self.written.valid & self.written.ready):
            m.d.sync += told.eq(1)
        with m.If(answer.ready):
            m.d.sync += told.eq(0)
        for channel in (self.b, self.r):
            with m.If(answer.payload.missing):
                m.d.comb += channel.payload.response.eq(Answer.NO_REGISTER)
            with m.Elif(answer.payload.refused):
                m.d.comb += channel.payload.response.eq(Answer.READ_ONLY)
        return m


def component(params: Params) -> AXI4Lite:
    """The component that embodies `bus.axi4_lite`."""
    return AXI4Lite(params)
