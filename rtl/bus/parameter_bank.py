"""Live parameters in hardware. What they do is told in `models/bus/parameter_bank.py`.

One request at a time: it is judged and done in the cycle after it was taken. A write is then summed, a byte a
cycle; a new live set is told of. Then comes the answer.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import Out

from spikelock.models.bus.parameter_bank import CORE, TRAPS, Command, Params, Status

from ..fixed import layout, outside
from ..ports import signature


class ParameterBank(wiring.Component):
    """Ports as declared in `models/bus/parameter_bank.py`, the live set, and the latched traps, as levels.

    Hardware that need not be told of a new set ties `applied.ready` to 1.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        levels = {"registers": Out(layout(self.params.values)), "traps": Out(TRAPS)}
        super().__init__(signature(CORE, self.params) | levels)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.crc = crc = CRC32_ISO_HDLC(data_width=8).create()
        request, answer, applied = self.request, self.answer, self.applied
        values = layout(self.params.values)
        resets = dict(zip(values.members, self.params.resets, strict=True))
        live = Signal(values, init=resets)
        staged = Signal(values, init=resets)
        before = Signal(values, init=resets)
        kept = Signal()
        summed = Signal()
        traps = Signal(TRAPS)
        count = Signal(self.params.count_width)
        command = Signal(3)
        words = Signal(128)
        status = Signal(3)
        byte = Signal(4)
        bank, entry, low, high = (words.word_select(number, 32) for number in range(4))
        m.d.comb += [
            self.registers.eq(live),
            self.traps.eq(traps),
            applied.payload.eq(live),
            answer.payload.status.eq(status),
            answer.payload.traps.eq(traps),
            answer.payload.count.eq(count),
            crc.data.eq(words[:8]),
        ]

        exists = Signal()
        fits = Signal()
        with m.Switch(entry):
            for number, (_, register) in enumerate(self.params.registers):
                value = Cat(low, high).as_signed() if register.q.signed else Cat(low, high)
                below, above = outside(value, register.q)
                with m.Case(number):
                    m.d.comb += [exists.eq(1), fits.eq(~(below | above))]
        refusal = Signal(3)
        trap = (Const(1) << refusal)[1:]
        with m.If(command > max(Command)):
            m.d.comb += refusal.eq(Status.UNKNOWN_COMMAND)
        with m.Elif(bank != self.params.bank):
            m.d.comb += refusal.eq(Status.UNKNOWN_BANK)
        with m.Elif((command == Command.WRITE) & ~exists):
            m.d.comb += refusal.eq(Status.UNKNOWN_ENTRY)
        with m.Elif((command == Command.WRITE) & ~fits):
            m.d.comb += refusal.eq(Status.DOES_NOT_FIT)
        with m.Elif((command == Command.APPLY) & ~summed):
            m.d.comb += refusal.eq(Status.NOTHING_TO_APPLY)
        with m.Elif((command == Command.APPLY) & (low != crc.crc)):
            m.d.comb += refusal.eq(Status.WRONG_SUM)
        with m.Elif((command == Command.ROLLBACK) & ~kept):
            m.d.comb += refusal.eq(Status.NOTHING_BEFORE)

        with m.FSM():
            with m.State("idle"):
                m.d.comb += request.ready.eq(1)
                asked = request.payload
                with m.If(request.valid):
                    m.d.sync += command.eq(asked.command)
                    m.d.sync += words.eq(Cat(asked.bank, asked.entry, asked.low, asked.high))
                    m.next = "work"
            with m.State("work"):
                m.next = "answer"
                m.d.sync += status.eq(refusal)
                with m.If(refusal != Status.DONE):
                    m.d.sync += [traps.eq(traps | trap), count.eq(count + ~count.all())]
                with m.Else(), m.Switch(command):
                    with m.Case(Command.WRITE):
                        m.d.sync += summed.eq(1)
                        for number, name in enumerate(values.members):
                            with m.If(entry == number):
                                m.d.sync += staged[name].eq(Cat(low, high))
                        m.next = "sum"
                    with m.Case(Command.APPLY):
                        m.d.comb += crc.start.eq(1)
                        m.d.sync += [before.eq(live), kept.eq(1), live.eq(staged), summed.eq(0)]
                        m.next = "tell"
                    with m.Case(Command.ROLLBACK):
                        m.d.comb += crc.start.eq(1)
                        m.d.sync += [live.eq(before), staged.eq(before), kept.eq(0), summed.eq(0)]
                        m.next = "tell"
                    with m.Case(Command.BEGIN):
                        m.d.comb += crc.start.eq(1)
                        m.d.sync += [staged.eq(live), summed.eq(0)]
                    with m.Case(Command.CLEAR):
                        m.d.sync += [traps.eq(0), count.eq(0)]
            with m.State("sum"):
                m.d.comb += crc.valid.eq(1)
                m.d.sync += [words.eq(words >> 8), byte.eq(byte + 1)]
                with m.If(byte.all()):
                    m.next = "answer"
            with m.State("tell"):
                m.d.comb += applied.valid.eq(1)
                with m.If(applied.ready):
                    m.next = "answer"
            with m.State("answer"):
                m.d.comb += answer.valid.eq(1)
                with m.If(answer.ready):
                    m.next = "idle"
        return m


def component(params: Params) -> ParameterBank:
    """The component that embodies `bus.parameter_bank`."""
    return ParameterBank(params)
