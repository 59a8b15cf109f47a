"""AXI4-Lite register bank in hardware. What it does is told in `models/bus/axi4_lite.py`.

One access at a time. A write begins when both its address and its data are there, in whatever order they
came; where a read waits too, the two take turns.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

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
        m.d.comb += [self.registers.eq(registers.registers), registers.seen.eq(self.registers)]
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
            self.written.payload.data.eq(registers.word),
            self.written.valid.eq(answer.valid & last_wrote & ~failed & ~told),
            self.b.valid.eq(answer.valid & last_wrote & (failed | told)),
            self.r.valid.eq(answer.valid & ~last_wrote),
            self.r.payload.data.eq(registers.word),
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


class AXI4LitePins(wiring.Component):
    """The same with the names of the bus in lower case, as a peripheral has them; `written` leads nowhere."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        address, width, strobes = self.params.address_width, self.params.data_width, self.params.strobes
        pins = {"awaddr": In(address), "wdata": In(width), "wstrb": In(strobes), "bresp": Out(2)}
        pins |= {"araddr": In(address), "rdata": Out(width), "rresp": Out(2)}
        for channel, to_us, to_host in (
            ("aw", In, Out),
            ("w", In, Out),
            ("ar", In, Out),
            ("b", Out, In),
            ("r", Out, In),
        ):
            pins |= {f"{channel}valid": to_us(1), f"{channel}ready": to_host(1)}
        super().__init__(pins | {"registers": Out(layout(self.params.writable))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bank = bank = AXI4Lite(self.params)
        for name in ("aw", "w", "ar"):
            channel = getattr(bank, name)
            m.d.comb += channel.valid.eq(getattr(self, f"{name}valid"))
            m.d.comb += getattr(self, f"{name}ready").eq(channel.ready)
        for name in ("b", "r"):
            channel = getattr(bank, name)
            m.d.comb += getattr(self, f"{name}valid").eq(channel.valid)
            m.d.comb += channel.ready.eq(getattr(self, f"{name}ready"))
        m.d.comb += [
            bank.aw.payload.address.eq(self.awaddr),
            bank.w.payload.data.eq(self.wdata),
            bank.w.payload.strobe.eq(self.wstrb),
            bank.ar.payload.address.eq(self.araddr),
            self.bresp.eq(bank.b.payload.response),
            self.rdata.eq(bank.r.payload.data),
            self.rresp.eq(bank.r.payload.response),
            bank.written.ready.eq(1),
            self.registers.eq(bank.registers),
        ]
        return m


def component(params: Params, *, pins: bool = False) -> AXI4Lite | AXI4LitePins:
    """The component that embodies `bus.axi4_lite`, as streams or with the pins of the bus."""
    return AXI4LitePins(params) if pins else AXI4Lite(params)
