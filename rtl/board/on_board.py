"""A board's design on the board itself: its serial line or its Ethernet PHY, and its clocks."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, ClockSignal, Const, Instance, Module, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import ResetSynchronizer

from .rmii_line import RmiiLine
from .top import Top

RMII_CLOCK = 50_000_000
"""Hz, of the reference clock of RMII."""

RESET_BITS = 17
"""A PHY is held in reset for 2^17 cycles of its clock: 2.6 ms. Tens of microseconds are needed."""


class SlowerClocks(wiring.Component):
    """The clock of `sync` on an Artix-7, made from a faster oscillator; in reset until it is steady.

    rmii: the clock of RMII, if it is to be made, too; a signal. Source: Xilinx UG472: the oscillator of an
    MMCM runs at 600 … 1,200 MHz, its dividers go from 1 to 128.
    """

    def __init__(self, oscillator: int, clock: int, rmii: Signal | None = None) -> None:
        self.multiplier = 1_000_000_000 // oscillator
        self.period = 1e9 / oscillator
        self.dividers = [self.multiplier * oscillator // made for made in (clock, RMII_CLOCK)]
        self.rmii = rmii
        super().__init__({})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        source = platform.request(platform.default_clk, 0).i
        feedback = Signal()
        made = Signal()
        steady = Signal()
        more: dict[str, Any] = {}
        if self.rmii is not None:
            made_rmii = Signal()
            more = {"p_CLKOUT1_DIVIDE": self.dividers[1], "o_CLKOUT1": made_rmii}
            m.submodules.rmii_buffer = Instance("BUFG", i_I=made_rmii, o_O=self.rmii)
        m.submodules.mmcm = Instance(
            "MMCME2_BASE",
            p_CLKIN1_PERIOD=self.period,
            p_CLKFBOUT_MULT_F=float(self.multiplier),
            p_CLKOUT0_DIVIDE_F=float(self.dividers[0]),
            i_CLKIN1=source,
            i_CLKFBIN=feedback,
            i_PWRDWN=Const(0, 1),
            i_RST=Const(0, 1),
            o_CLKFBOUT=feedback,
            o_CLKOUT0=made,
            o_LOCKED=steady,
            **more,
        )
        m.submodules.buffer = Instance("BUFG", i_I=made, o_O=ClockSignal())
        m.submodules.reset = ResetSynchronizer(~steady)
        return m


class OnBoard(wiring.Component):
    """A `Top`, joined to the serial line of a board, or to its Ethernet PHY, and clocked."""

    def __init__(
        self, top: Top, clock: int, oscillator: int | None = None, gives_clock: bool = False
    ) -> None:
        """clock: Hz, of the design. oscillator: Hz, where the clock has to be made from it. gives_clock: the
        PHY gets its reference clock from the FPGA.
        """
        self.top = top
        self.clock = clock
        self.oscillator = oscillator
        self.gives_clock = gives_clock
        super().__init__({})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        rmii = None if self.top.station is None else self._rmii_clock(m, platform)
        if self.oscillator is not None:
            m.domains.sync = ClockDomain()
            made = rmii if self.gives_clock else None
            m.submodules.clock = SlowerClocks(self.oscillator, self.clock, made)
        m.submodules.top = self.top
        if rmii is None:
            uart = platform.request("uart", 0)
            m.d.comb += [self.top.rx.eq(uart.rx.i), uart.tx.o.eq(self.top.tx)]
        else:
            self._ethernet(m, platform.request("eth_rmii", 0))
        return m

    def _rmii_clock(self, m: Module, platform: Any) -> Signal:
        """The domain `rmii`. Gives its clock, which something has to drive if the FPGA gives it."""
        m.domains.rmii = ClockDomain()
        clock = Signal(name="rmii_clock")
        pin = platform.request("eth_clk50", 0)
        m.d.comb += ClockSignal("rmii").eq(clock)
        m.d.comb += pin.o.eq(clock) if self.gives_clock else clock.eq(pin.i)
        m.submodules.rmii_reset = ResetSynchronizer(ResetSignal("sync", allow_reset_less=True), domain="rmii")
        return clock

    def _ethernet(self, m: Module, phy: Any) -> None:
        top = self.top
        m.submodules.line = line = RmiiLine()
        wiring.connect(m, line.received, top.received)
        wiring.connect(m, top.transmitted, line.transmitted)
        m.d.comb += [top.line_error.eq(line.line_error), top.overrun.eq(line.overrun)]
        m.d.comb += [line.crs_dv.eq(phy.rx_crs_dv.i), line.rxd.eq(phy.rx_data.i)]
        m.d.comb += [phy.tx_en.o.eq(line.tx_en), phy.tx_data.o.eq(line.txd)]
        if hasattr(phy, "rx_er"):  # modules leave it out
            m.d.comb += line.rx_er.eq(phy.rx_er.i)
        if hasattr(phy, "rst"):
            held = Signal(RESET_BITS + 1)
            with m.If(~held[-1]):
                m.d.rmii += held.eq(held + 1)
            m.d.comb += phy.rst.o.eq(~held[-1])
