"""A board's top for simulation: its clock is a pin, and it has no reset."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class WithoutReset(wiring.Component):
    """Pins `clk`, `rx`, `tx` and `busy`. All registers start with their initial values, as on an FPGA.

    A pin for a reset that never comes would make the simulator compute twice, in every cycle, all logic that
    depends on it: nearly everything.
    """

    def __init__(self, top: Any) -> None:
        self.top = top
        super().__init__({"clk": In(1), "rx": In(1), "tx": Out(1), "busy": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains.sync = sync = ClockDomain("sync", reset_less=True, local=True)
        m.submodules.top = top = self.top
        m.d.comb += [
            sync.clk.eq(self.clk),
            top.rx.eq(self.rx),
            self.tx.eq(top.tx),
            self.busy.eq(top.busy),
        ]
        return m
