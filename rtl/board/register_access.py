"""Answers requests of the channel REGISTERS: for the board's own registers, and for those of the chain."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.registers import CHAIN_REGISTERS, CONTROL, STATUS
from spikelock.models.link.protocol import Channel
from spikelock.models.ports import Layout, RegisterMap

from ..fixed import layout
from ..registers import RegisterBank
from .packets import PACKETS

REQUEST_BYTES = 7
REPLY_BYTES = 6
"""With the channel in front."""

DONE, NO_SUCH_ADDRESS, NOT_WRITABLE = 0, 1, 2


class RegisterAccess(wiring.Component):
    """Each request is answered by a packet of its own.

    status: what the board's registers show that cannot be written. control: those that can. registers: those
    of the chain, where it has any. refused: a request was cut short.
    """

    def __init__(self, chain: RegisterMap) -> None:
        self.chain = chain
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
        bits, at = Signal(8 * REQUEST_BYTES), Signal(range(REQUEST_BYTES + 1))
        write, address, data = bits[0], bits[8:24], bits[24:]
        status, answer = Signal(8), Signal(32)

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
                m.d.sync += [bits.eq(Cat(Const(Channel.REGISTERS, 8), status, answer)), at.eq(0)]
                self._board(m, write, address, data, status, answer)
                m.next = "REPLY"
                answer_of_bank: Any = None
                if self.chain:
                    answer_of_bank = self._bank(m, write, address, data, status)
            if self.chain:
                with m.State("BANK"):
                    m.d.sync += bits.eq(Cat(Const(Channel.REGISTERS, 8), Const(DONE, 8), answer_of_bank))
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

    def _board(self, m: Module, write: Any, address: Any, data: Any, status: Any, answer: Any) -> None:
        with m.Switch(address):
            for number, (name, register) in enumerate(CONTROL.items()):
                value = Signal(register.q.width, init=register.reset, name=name)
                m.d.comb += self.control[name].eq(value)
                with m.Case(number):
                    with m.If(write):
                        m.d.sync += value.eq(data)
                    with m.Else():
                        m.d.comb += answer.eq(value)
            for number, name in enumerate(STATUS, len(CONTROL)):
                with m.Case(number):
                    with m.If(write):
                        m.d.comb += status.eq(NOT_WRITABLE)
                    with m.Else():
                        m.d.comb += answer.eq(self.status[name])
            with m.Default():
                m.d.comb += status.eq(NO_SUCH_ADDRESS)

    def _bank(self, m: Module, write: Any, address: Any, data: Any, status: Any) -> Any:
        """Hands a request for the chain's registers on; the answer to a read is there in the next cycle."""
        m.submodules.bank = bank = RegisterBank(self.chain)
        start = CHAIN_REGISTERS.bit_length() - 1
        m.d.comb += [
            self.registers.eq(bank.registers),
            bank.request.payload.write.eq(write),
            bank.request.payload.address.eq(address),
            bank.request.payload.data.eq(data),
            bank.reply.ready.eq(1),
        ]
        with m.If((address[start:] == 1) & (address[:start] < len(self.chain))):
            m.d.comb += [bank.request.valid.eq(1), status.eq(DONE)]
            with m.If(~write):
                m.next = "BANK"
        return bank.reply.payload.data
