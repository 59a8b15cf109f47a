"""A parameter bank behind a bus of registers: eight words, of which the fifth sends a request."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.bus.parameter_bank import WINDOW, Params
from spikelock.models.ports import register_reply, register_request

from .bus.parameter_bank import ParameterBank
from .fixed import layout
from .ports import carried

WRITTEN = ("bank", "entry", "low", "high")


class ParameterWindow(wiring.Component):
    """The registers of `WINDOW`, by the same streams as those of a `RegisterBank`; and the live values.

    While a request is at work no other access is accepted, so what is read after it is its own answer.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "request": In(carried(register_request(WINDOW))),
                "reply": Out(carried(register_reply(WINDOW))),
                "registers": Out(layout(params.values)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bank = bank = ParameterBank(self.params)
        access, reply = self.request, self.reply
        asked, answer = bank.request, bank.answer
        shown = Signal.like(answer.payload)
        waits = Signal()  # for the bank to take the request
        at_work = Signal()
        m.d.comb += [
            self.registers.eq(bank.registers),
            bank.applied.ready.eq(1),
            asked.valid.eq(waits),
            answer.ready.eq(1),
            access.ready.eq(~at_work & (reply.ready | ~reply.valid)),
        ]
        with m.If(asked.ready):
            m.d.sync += waits.eq(0)
        with m.If(answer.valid):
            m.d.sync += [shown.eq(answer.payload), at_work.eq(0)]

        words = {name: Signal.like(asked.payload[name], name=name) for name in (*WRITTEN, "command")}
        m.d.comb += [asked.payload[name].eq(word) for name, word in words.items()]
        values = words | {name: shown[name] for name in ("status", "traps", "count")}
        accepted = access.valid & access.ready
        with m.If(reply.ready | ~reply.valid):
            m.d.sync += [reply.valid.eq(accepted & ~access.payload.write), reply.payload.data.eq(0)]
        for address, name in enumerate(WINDOW):
            with m.If(accepted & (access.payload.address == address)):
                with m.If(~access.payload.write):
                    m.d.sync += reply.payload.data.eq(values[name])
                if name in words:
                    with m.Else():
                        m.d.sync += words[name].eq(access.payload.data)
                if name == "command":
                    with m.If(access.payload.write):
                        m.d.sync += [waits.eq(1), at_work.eq(1)]
        return m
