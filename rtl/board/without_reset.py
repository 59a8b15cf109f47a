"""A board's top for simulation: its clock is a pin, and it has no reset."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In


class WithoutReset(wiring.Component):
    """The pin `clk`, and those of the top. All registers start with their initial values, as on an FPGA.

    A pin for a reset that never comes would make the simulator compute twice, in every cycle, all logic that
    depends on it: nearly everything.
    """

    def __init__(self, top: Any) -> None:
        self.top = top
        super().__init__({"clk": In(1), **top.signature.members})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains.sync = sync = ClockDomain("sync", reset_less=True, local=True)
        m.submodules.top = top = self.top
        m.d.comb += sync.clk.eq(self.clk)
        for name, member in top.signature.members.items():
            own, inner = getattr(self, name), getattr(top, name)
            if not member.is_port:
                wiring.connect(m, wiring.flipped(own), inner)
            elif member.flow is In:
                m.d.comb += inner.eq(own)
            else:
                m.d.comb += own.eq(inner)
        return m
