"""A register bank: what a host writes and reads on one side, the level `registers` of a core on the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.ports import Layout, RegisterMap, register_reply, register_request

from .fixed import layout, shape
from .ports import carried


class RegisterBank(wiring.Component):
    """Registers with their reset values.

    request, reply: streams of `register_request` and `register_reply`. A write takes effect, and a read is
    answered, in the cycle after it is accepted; while an answer waits, nothing is accepted.
    registers: the values, for the input of the same name of a core.
    """

    def __init__(self, registers: RegisterMap) -> None:
        self.declared = registers
        super().__init__(
            {
                "request": In(carried(register_request(registers))),
                "reply": Out(carried(register_reply(registers))),
                "registers": Out(layout(Layout({name: r.q for name, r in registers.items()}))),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        request, reply = self.request, self.reply
        m.d.comb += request.ready.eq(reply.ready | ~reply.valid)
        accepted = request.valid & request.ready
        with m.If(request.ready):
            m.d.sync += [reply.valid.eq(request.valid & ~request.payload.write), reply.payload.data.eq(0)]
        for address, (name, register) in enumerate(self.declared.items()):
            value = Signal(shape(register.q), init=register.reset, name=name)
            m.d.comb += self.registers[name].eq(value)
            with m.If(accepted & (request.payload.address == address)):
                with m.If(request.payload.write):
                    m.d.sync += value.eq(request.payload.data)
                with m.Else():
                    m.d.sync += reply.payload.data.eq(value.as_unsigned())
        return m
