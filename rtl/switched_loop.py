"""A die that can be without power, for a bench: the worst that one may be to what stands before it."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.power_gate import Params, control, gated, word

from .ports import carried

SUPPLY = 3
"""Cycles by which the supply follows its switch."""


class SwitchedLoop(wiring.Component):
    """Words that come in go out again, channel by channel, in cycles in which the clock runs.

    Without power, without a supply and in reset it forgets them, takes all words, offers some, and is idle.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        members = {"control": In(carried(control())), "gated": Out(carried(gated()))}
        members |= {f"inward{n}": In(carried(word(bits))) for n, bits in enumerate(params.inward)}
        members |= {f"outward{n}": Out(carried(word(bits))) for n, bits in enumerate(params.inward)}
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        told = self.control
        supply = Signal(SUPPLY)
        works = Signal()
        m.d.sync += supply.eq(Cat(told.power, supply))
        m.d.comb += [
            self.gated.powered.eq(supply[-1]),
            works.eq(told.power & self.gated.powered & ~told.reset),
        ]
        held = [self._channel(m, number, works) for number in range(len(self.params.inward))]
        m.d.comb += self.gated.idle.eq(~works | ~Cat(held).any())
        return m

    def _channel(self, m: Module, number: int, works: Signal) -> Any:
        """One channel, of a word; whether it holds one."""
        source, sink = getattr(self, f"inward{number}"), getattr(self, f"outward{number}")
        holds = Signal(name=f"holds{number}")
        m.d.comb += [source.ready.eq(~holds | sink.ready | ~works), sink.valid.eq(holds | ~works)]
        with m.If(~works):
            m.d.sync += holds.eq(0)
        with m.Elif(self.control.clock & source.ready):
            m.d.sync += [holds.eq(source.valid), sink.payload.eq(source.payload)]
        return holds
