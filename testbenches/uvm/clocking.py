"""The clock and the reset of a simulated core, counted in cycles from the start of the stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cocotb.clock import Clock
from cocotb.simtime import get_sim_time
from cocotb.triggers import Event, RisingEdge
from pyuvm import uvm_analysis_port, uvm_component

PERIOD = 10
"""Of the clock, in simulator steps."""

POWER_UP_RESET = 2
"""Cycles of the reset after power-up."""


class Clocking:
    """Cycle n is the one whose rising edge is the n-th after the start of the stimulus; both count from 0.

    resets: cycles at which a reset of `reset_length` cycles begins. It is a schedule, so that drivers fall
    silent in the cycle in which it begins. powered: set after the first reset. started: set when cycle 0
    begins.
    """

    def __init__(self, dut: Any, resets: Sequence[int], reset_length: int) -> None:
        self.clk, self.rst = dut.clk, dut.rst
        self.resets = sorted(resets)
        self._scheduled = {first + i for first in resets for i in range(reset_length)}
        self._start: int | None = None
        self.powered, self.started = Event(), Event()

    @property
    def cycle(self) -> int:
        """At an edge: the cycle that ends with it; before the start, a negative number."""
        now = int(get_sim_time("step"))
        return (now - self._start) // PERIOD - 1 if self._start is not None else now // PERIOD - (1 << 20)

    @property
    def in_reset(self) -> bool:
        """At an edge: whether it is one in reset."""
        return bool(self.rst.value != 0)

    @property
    def reset_ahead(self) -> bool:
        """At an edge: whether the next one will be in reset."""
        return self.cycle + 1 in self._scheduled

    def start(self) -> None:
        """Makes the cycle that begins with this edge cycle 0."""
        self._start = int(get_sim_time("step"))
        self.started.set()


class ResetDriver(uvm_component):
    """Runs the clock and drives the reset: once after power-up, then as scheduled; publishes where each
    begins.
    """

    clocking: Clocking

    def build_phase(self) -> None:
        self.began = uvm_analysis_port("began", self)

    async def run_phase(self) -> None:
        clocking = self.clocking
        clk, rst = clocking.clk, clocking.rst
        rst.value = 1
        Clock(clk, PERIOD, unit="step").start(start_high=False)
        for _ in range(POWER_UP_RESET):
            await RisingEdge(clk)
        rst.value = 0
        clocking.powered.set()
        await clocking.started.wait()
        while True:
            if clocking.cycle in clocking.resets:
                self.began.write(clocking.cycle)
            rst.value = int(clocking.reset_ahead)
            await RisingEdge(clk)
