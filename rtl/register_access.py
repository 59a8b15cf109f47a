"""One access at a time to a bank of registers, as a bus of whole words makes them: bytes, errors.

What it does is told in `models/bus/register_space.py`. A write goes to the bank as the word that the register
holds, with the bytes of its strobes replaced; it is answered when the register holds that.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.bus.register_space import RegisterSpace

from .fixed import layout
from .registers import RegisterBank


def access_layout(space: RegisterSpace) -> data.StructLayout:
    """What an access says."""
    fields = {"write": 1, "address": space.address_width, "data": space.data_width}
    return data.StructLayout({**fields, "strobe": space.strobes})


class RegisterAccess(wiring.Component):
    """The registers of a space.

    access: what to do, taken when the one before is answered; `strobe` says which bytes a write changes.
    answer: number of the register; `missing`: there is none; `refused`: a write to one that is only read.
    word: what that register holds, 0 where there is none.
    registers: the values of those that can be written, for the input of the same name of a core. What leads
    from here to `word` goes through `seen`, which the owner connects to where the core sees them.
    """

    def __init__(self, space: RegisterSpace) -> None:
        self.space = space
        number = max(1, (len(space.registers) - 1).bit_length())
        answer = data.StructLayout({"number": number, "missing": 1, "refused": 1})
        super().__init__(
            {
                "access": In(stream.Signature(access_layout(space))),
                "answer": Out(stream.Signature(answer)),
                "word": Out(space.data_width),
                "registers": Out(layout(space.writable)),
                "seen": In(layout(space.writable)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        space, access, answer = self.space, self.access, self.answer
        m.submodules.bank = bank = RegisterBank(
            {name: register for name, register in space.registers if name not in space.read_only}
        )
        request = bank.request
        m.d.comb += [self.registers.eq(bank.registers), bank.reply.ready.eq(1)]

        taken = Signal.like(access.payload)
        number = taken.address[space.lane_bits :]
        missing = Signal()
        read_only = Signal()
        places = iter(range(len(space.registers)))
        m.d.comb += [
            missing.eq(number >= len(space.registers)),
            read_only.eq(Array(Const(name in space.read_only, 1) for name in space.map)[number]),
            answer.payload.number.eq(number),
            answer.payload.missing.eq(missing),
            answer.payload.refused.eq(taken.write & ~missing & read_only),
            self.word.eq(Mux(missing, 0, Array(self._words())[number])),
            request.payload.write.eq(1),
            request.payload.address.eq(
                Array(0 if name in space.read_only else next(places) for name in space.map)[number]
            ),
            request.payload.data.eq(self._merged(taken)),
        ]
        with m.FSM():
            with m.State("idle"):
                m.d.comb += access.ready.eq(1)
                with m.If(access.valid):
                    m.d.sync += taken.eq(access.payload)
                    m.next = "work"
            with m.State("work"):
                m.d.comb += request.valid.eq(taken.write & ~missing & ~read_only)
                m.next = "answer"
            with m.State("answer"):
                m.d.comb += answer.valid.eq(1)
                with m.If(answer.ready):
                    m.next = "idle"
        return m

    def _words(self) -> list[Value]:
        """What every register holds."""
        return [
            Const(register.reset % (1 << register.q.width), register.q.width)
            if name in self.space.read_only
            else self.seen[name].as_unsigned()
            for name, register in self.space.registers
        ]

    def _merged(self, taken: Any) -> Value:
        """The word of the register, with the bytes of the strobes replaced."""
        return Cat(
            Mux(taken.strobe[lane], taken.data.word_select(lane, 8), self.word.word_select(lane, 8))
            for lane in range(self.space.strobes)
        )
