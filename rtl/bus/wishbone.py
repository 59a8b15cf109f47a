"""Wishbone register bank in hardware. What it does is told in `models/bus/wishbone.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.bus.wishbone import CORE, Params

from ..fixed import layout
from ..ports import signature
from ..register_access import RegisterAccess


class Wishbone(wiring.Component):
    """Ports as declared in `models/bus/wishbone.py`, and the registers that can be written as a level."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        values = layout(self.params.writable)
        super().__init__(signature(CORE, self.params) | {"registers": Out(values)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.registers = registers = RegisterAccess(self.params)
        m.d.comb += [self.registers.eq(registers.registers), registers.seen.eq(self.registers)]
        request, response = self.request, self.response
        access, answer = registers.access, registers.answer

        begun = Signal()  # of the request on the bus; the answer of one that was taken back is dropped
        m.d.comb += [
            access.valid.eq(request.valid),
            access.payload.write.eq(request.payload.write),
            access.payload.address.eq(request.payload.address),
            access.payload.data.eq(request.payload.data),
            access.payload.strobe.eq(request.payload.select),
            response.valid.eq(answer.valid & begun & request.valid),
            response.payload.data.eq(Mux(request.payload.write, 0, registers.word)),
            response.payload.error.eq(answer.payload.missing | answer.payload.refused),
            answer.ready.eq(response.ready | ~begun),
            request.ready.eq(response.valid & response.ready),
        ]
        with m.If(access.valid & access.ready):
            m.d.sync += begun.eq(1)
        with m.If(request.ready | ~request.valid):
            m.d.sync += begun.eq(0)
        return m


class WishbonePins(wiring.Component):
    """The same with the pins of Wishbone B4, standard mode, as a peripheral has them.

    adr is a byte address. A master that takes back STB or CYC before ACK or ERR gets no answer; its write is
    done all the same.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        width, strobes = self.params.data_width, self.params.strobes
        values = layout(self.params.writable)
        super().__init__(
            {name: In(1) for name in ("cyc", "stb", "we")}
            | {"adr": In(self.params.address_width), "dat_w": In(width), "sel": In(strobes)}
            | {"dat_r": Out(width), "ack": Out(1), "err": Out(1), "registers": Out(values)}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bus = bus = Wishbone(self.params)
        m.d.comb += [
            bus.request.valid.eq(self.cyc & self.stb),
            bus.request.payload.write.eq(self.we),
            bus.request.payload.address.eq(self.adr),
            bus.request.payload.data.eq(self.dat_w),
            bus.request.payload.select.eq(self.sel),
            bus.response.ready.eq(1),
            self.dat_r.eq(bus.response.payload.data),
            self.ack.eq(bus.response.valid & ~bus.response.payload.error),
            self.err.eq(bus.response.valid & bus.response.payload.error),
            self.registers.eq(bus.registers),
        ]
        return m


def component(params: Params, *, pins: bool = False) -> Wishbone | WishbonePins:
    """The component that embodies `bus.wishbone`, as streams or with the pins of the bus."""
    return WishbonePins(params) if pins else Wishbone(params)
