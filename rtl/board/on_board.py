"""A board's design on the board itself: its serial line, and its clock."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, ClockSignal, Const, Instance, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import ResetSynchronizer


class SlowerClock(wiring.Component):
    """The clock domain `sync` of an Artix-7, made from a faster oscillator; in reset until it is steady.

    Source: Xilinx UG472: the oscillator of an MMCM runs at 600 … 1,200 MHz, its dividers go from 1 to 128.
    """

    def __init__(self, oscillator: int, clock: int) -> None:
        self.multiplier = 1_000_000_000 // oscillator
        self.period = 1e9 / oscillator
        self.divider = self.multiplier * oscillator // clock
        super().__init__({})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains.sync = ClockDomain()
        source = platform.request(platform.default_clk, 0).i
        feedback, made, steady = Signal(), Signal(), Signal()
        m.submodules.mmcm = Instance(
            "MMCME2_BASE",
            p_CLKIN1_PERIOD=self.period,
            p_CLKFBOUT_MULT_F=float(self.multiplier),
            p_CLKOUT0_DIVIDE_F=float(self.divider),
            i_CLKIN1=source,
            i_CLKFBIN=feedback,
            i_PWRDWN=Const(0, 1),
            i_RST=Const(0, 1),
            o_CLKFBOUT=feedback,
            o_CLKOUT0=made,
            o_LOCKED=steady,
        )
        m.submodules.buffer = Instance("BUFG", i_I=made, o_O=ClockSignal())
        m.submodules.reset = ResetSynchronizer(~steady)
        return m


class OnBoard(wiring.Component):
    """A component with the ports `rx` and `tx`, joined to the serial line of a board, and clocked."""

    def __init__(self, top: Any, clock: int, oscillator: int | None = None) -> None:
        """clock: Hz, of the design. oscillator: Hz, where the clock has to be made from it."""
        self.top = top
        self.clock = clock
        self.oscillator = oscillator
        super().__init__({})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        if self.oscillator is not None:
            m.submodules.clock = SlowerClock(self.oscillator, self.clock)
        m.submodules.top = top = self.top
        uart = platform.request("uart", 0)
        m.d.comb += [top.rx.eq(uart.rx.i), uart.tx.o.eq(top.tx)]
        return m
