"""One access at a time to a bank of registers, as a bus of whole words makes them: bytes, errors.

What it does is told in `models/bus/register_space.py`. Every access reads the register; a write then writes
the word that was read, with the bytes of its strobes replaced, and is answered when the register holds it.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.bus.register_space import RegisterSpace
from spikelock.models.ports import index_bits

from .fixed import layout
from .registers import RegisterBank


def access_layout(space: RegisterSpace) -> data.StructLayout:
    """What an access says."""
    fields = {"write": 1, "address": space.address_width, "data": space.data_width}
    return data.StructLayout({**fields, "strobe": space.strobes})


class RegisterAccess(wiring.Component):
    """The registers of a space.

    access: what to do, taken when the one before is answered; `strobe` says which bytes a write changes.
    answer: number and word of the register, the word 0 where there is none; `missing`: there is none;
    `refused`: a write to one that is only read.
    registers: the values of those that can be written, for the input of the same name of a core.
    """

    def __init__(self, space: RegisterSpace) -> None:
        self.space = space
        answer = {"number": index_bits(len(space.registers)), "data": space.data_width}
        super().__init__(
            {
                "access": In(stream.Signature(access_layout(space))),
                "answer": Out(stream.Signature(data.StructLayout({**answer, "missing": 1, "refused": 1}))),
                "registers": Out(layout(space.writable)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        space, access, answer = self.space, self.access, self.answer
        m.submodules.bank = bank = RegisterBank(space.map)
        request, reply = bank.request, bank.reply
        m.d.comb += [self.registers[name].eq(bank.registers[name]) for name in space.writable.fields]

        taken = Signal.like(access.payload)
        number = taken.address[space.lane_bits :]
        missing = Signal()
        read_only = Signal()
        values = [bank.registers[name].as_unsigned() for name in space.map]
        m.d.comb += [
            missing.eq(number >= len(space.registers)),
            read_only.eq(~Array(Const(can, 1) for can in space.can_write)[number]),
            answer.payload.number.eq(number),
            answer.payload.missing.eq(missing),
            answer.payload.refused.eq(taken.write & ~missing & read_only),
            # A host sees the values that the core sees.
            answer.payload.data.eq(Mux(missing, 0, Array(values)[number])),
            request.payload.address.eq(number),
            request.payload.data.eq(self._merged(taken, reply.payload.data)),
        ]
        with m.FSM():
            with m.State("idle"):
                m.d.comb += access.ready.eq(1)
                with m.If(access.valid):
                    m.d.sync += taken.eq(access.payload)
                    m.next = "read"
            with m.State("read"):
                m.d.comb += request.valid.eq(1)
                m.next = "reply"
            with m.State("reply"):
                with m.If(taken.write & ~missing & ~read_only):
                    m.d.comb += [request.valid.eq(1), request.payload.write.eq(1), reply.ready.eq(1)]
                    m.next = "written"
                with m.Else():
                    m.d.comb += [answer.valid.eq(1), reply.ready.eq(answer.ready)]
                    with m.If(answer.ready):
                        m.next = "idle"
            with m.State("written"):
                m.d.comb += answer.valid.eq(1)
                with m.If(answer.ready):
                    m.next = "idle"
        return m

    def _merged(self, taken: Any, before: Value) -> Value:
        """The word before, with the bytes of the strobes replaced."""
        word = Cat(before, Const(0, self.space.data_width - len(before)))
        return Cat(
            Mux(taken.strobe[lane], taken.data.word_select(lane, 8), word.word_select(lane, 8))
            for lane in range(self.space.strobes)
        )
