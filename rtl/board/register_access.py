"""Answers requests of the channel REGISTERS: for the board's own registers, and for those of the chain."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.channels import DONE, NO_SUCH_ADDRESS, NOT_WRITABLE
from spikelock.models.board.registers import CHAIN_REGISTERS, CONTROL, STATUS
from spikelock.models.link.protocol import Channel
from spikelock.models.ports import Layout, RegisterMap

from ..fixed import layout
from ..registers import RegisterBank
from .packets import PACKETS

REQUEST_BYTES = 7
REPLY_BYTES = 6
"""With the channel in front."""

CHANNEL = Const(Channel.REGISTERS, 8)


class RegisterAccess(wiring.Component):
    """Each request is answered by a packet of its own.

    status: what the board's registers show that cannot be written. control: those that can. registers: those
    of the chain, where it has any. refused: a request was cut short. fixed: names of registers of `control`
    that serve hardware which is not there, and cannot be written.
    """

    def __init__(self, chain: RegisterMap, fixed: Collection[str] = ()) -> None:
        self.chain = chain
        self.fixed = fixed
        members = {
            "input": In(PACKETS),
            "output": Out(PACKETS),
            "status": In(layout(Layout({name: r.q for name, r in STATUS.items()}))),
            "control": Out(layout(Layout({name: r.q for name, r in CONTROL.items()}))),
            "refused": Out(1),
        }
        if chain:
            members["registers"] = Out(layout(Layout({name: r.q for name, r in chain.items()})))
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # A request as it comes in, low byte first; then a reply as it goes out.
        bits = Signal(8 * REQUEST_BYTES)
        at = Signal(range(REQUEST_BYTES + 1))
        write, address, data = bits[0], bits[8:24], bits[24:]
        status = Signal(8)
        answer = Signal(32)

        control: dict[str, Any] = {
            name: Const(r.reset, r.q.width)
            if name in self.fixed
            else Signal(r.q.width, init=r.reset, name=name)
            for name, r in CONTROL.items()
        }
        m.d.comb += [self.control[name].eq(value) for name, value in control.items()]
        bank: Any = None
        if self.chain:
            m.submodules.bank = bank = RegisterBank(self.chain)
            m.d.comb += [
                self.registers.eq(bank.registers),
                bank.request.payload.write.eq(write),
                bank.request.payload.address.eq(address),
                bank.request.payload.data.eq(data),
                bank.reply.ready.eq(1),
            ]

        with m.FSM():
            with m.State("REQUEST"):
                m.d.comb += self.input.ready.eq(1)
                with m.If(self.input.valid):
                    m.d.sync += [bits.eq(Cat(bits[8:], self.input.payload.data)), at.eq(at + 1)]
                    with m.If(at == REQUEST_BYTES - 1):
                        m.next = "CARRY OUT"
                    with m.Elif(self.input.payload.last):
                        m.d.comb += self.refused.eq(1)
                        m.d.sync += at.eq(0)
            with m.State("CARRY OUT"):
                m.d.sync += [bits.eq(Cat(CHANNEL, status, answer)), at.eq(0)]
                m.next = "REPLY"
                with m.Switch(address):
                    for number, (name, value) in enumerate(control.items()):
                        with m.Case(number):
                            m.d.comb += answer.eq(Mux(write, 0, value))
                            if name in self.fixed:
                                m.d.comb += status.eq(Mux(write, NOT_WRITABLE, DONE))
                            else:
                                with m.If(write):
                                    m.d.sync += value.eq(data)
                    for number, name in enumerate(STATUS, len(CONTROL)):
                        with m.Case(number):
                            m.d.comb += [
                                status.eq(Mux(write, NOT_WRITABLE, DONE)),
                                answer.eq(Mux(write, 0, self.status[name])),
                            ]
                    with m.Default():
                        m.d.comb += status.eq(NO_SUCH_ADDRESS)
                if self.chain:
                    start = CHAIN_REGISTERS.bit_length() - 1
                    with m.If((address[start:] == 1) & (address[:start] < len(self.chain))):
                        m.d.comb += [bank.request.valid.eq(1), status.eq(DONE)]
                        with m.If(~write):
                            m.next = "BANK"
            if self.chain:
                with m.State("BANK"):  # has its answer now
                    m.d.sync += bits.eq(Cat(CHANNEL, Const(DONE, 8), bank.reply.payload.data))
                    m.next = "REPLY"
            with m.State("REPLY"):
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(bits[:8]),
                    self.output.payload.last.eq(at == REPLY_BYTES - 1),
                ]
                with m.If(self.output.ready):
                    m.d.sync += [bits.eq(bits >> 8), at.eq(at + 1)]
                    with m.If(self.output.payload.last):
                        m.d.sync += at.eq(0)
                        m.next = "REQUEST"
        return m


def component(params: tuple[RegisterMap, Collection[str]]) -> RegisterAccess:
    """Of a chain's registers, and the names that are fixed, as `Mutant.component` makes it anew."""
    return RegisterAccess(*params)
