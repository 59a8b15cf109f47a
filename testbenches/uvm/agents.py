"""Agents of one stream: they drive it, receive from it and watch it.

Everything happens at the rising clock edge: what is read there is what the hardware's registers see, and what
is written there is seen at the next edge. A transaction passes at an edge with valid and ready high and reset
low.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from cocotb.triggers import RisingEdge
from cocotb.types import LogicArray
from pyuvm import uvm_agent, uvm_analysis_port, uvm_component, uvm_driver, uvm_monitor, uvm_sequencer

from spikelock.testbenches.lockstep.stalls import Stall, pattern, port_seed
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.uvm.clocking import Clocking
from spikelock.testbenches.uvm.transactions import Transaction


@dataclass(frozen=True)
class Pins:
    """Simulator handles of one stream."""

    valid: Any
    ready: Any
    payload: Any

    @staticmethod
    def of(dut: Any, stream: str) -> Pins:
        """The pins of a top-level stream, by the naming of the generated Verilog."""
        return Pins(*(getattr(dut, f"{stream}__{pin}") for pin in ("valid", "ready", "payload")))


@dataclass(frozen=True)
class StreamSettings:
    """What the components of a stream's agent share.

    direction: "input" or "output", as seen from the core. from_power_up: works from the end of the first
    reset on (for what is loaded into a core), not from the start of the stimulus. seed: of the whole run.
    """

    name: str
    direction: str
    pins: Pins
    clocking: Clocking
    stall: Stall
    seed: int
    four_state: bool
    problems: list[Problem]
    from_power_up: bool = False


class StreamDriver(uvm_driver):
    """Sends the items of its sequencer, delayed by a stall pattern; holds valid and payload until they pass.

    The payload of a stream without valid means nothing, so nothing useful is there: X where the simulator
    knows X, else random bits. A reset takes an offer back; it is made again afterwards.
    """

    settings: StreamSettings

    async def run_phase(self) -> None:
        pins, clocking = self.settings.pins, self.settings.clocking
        stalls = pattern(self.settings.stall, port_seed(self.settings.seed, self.settings.name))
        rubbish = random.Random(self.settings.seed)
        self._withdraw(rubbish)
        await (clocking.powered if self.settings.from_power_up else clocking.started).wait()
        item = None
        offered = False
        while True:
            stalled = next(stalls)
            if clocking.reset_ahead:
                if offered:
                    self._withdraw(rubbish)
                offered = False
            elif not offered and not stalled:
                item = item or await self.seq_item_port.get_next_item()
                pins.valid.value = 1
                pins.payload.value = item.bits
                offered = True
            await RisingEdge(clocking.clk)
            if offered and pins.ready.value == 1:  # an X is no acceptance; the monitor reports it
                self.seq_item_port.item_done()
                item, offered = None, False
                self._withdraw(rubbish)

    def _withdraw(self, rubbish: random.Random) -> None:
        pins = self.settings.pins
        width = len(pins.payload)
        pins.valid.value = 0
        pins.payload.value = (
            LogicArray("X" * width) if self.settings.four_state else rubbish.getrandbits(width)
        )


class ReadyDriver(uvm_component):
    """Accepts what an output stream offers, except in the cycles that a stall pattern refuses."""

    settings: StreamSettings

    async def run_phase(self) -> None:
        pins, clocking, stall = self.settings.pins, self.settings.clocking, self.settings.stall
        stalls = pattern(stall, port_seed(self.settings.seed, self.settings.name))
        pins.ready.value = 0
        await clocking.started.wait()
        waiting = False
        while True:
            ready = not next(stalls) and not clocking.reset_ahead and (waiting or not stall.after_valid)
            pins.ready.value = int(ready)
            await RisingEdge(clocking.clk)
            waiting = not ready and not clocking.in_reset and pins.valid.value == 1


class StreamMonitor(uvm_monitor):
    """Publishes what passes, and reports what breaks the rules of a stream.

    The rules: after reset valid and ready are 0 or 1, never X; a payload has no X while valid; once valid, a
    stream stays valid with the same payload until it passes.
    """

    settings: StreamSettings

    def build_phase(self) -> None:
        self.passed = uvm_analysis_port("passed", self)

    async def run_phase(self) -> None:
        clocking = self.settings.clocking
        waited = idle = 0
        stalled: int | None = None
        await clocking.powered.wait()
        while True:
            await RisingEdge(clocking.clk)
            if clocking.in_reset:
                stalled, waited, idle = None, 0, 0
                continue
            bits, ready = self._observe()
            if stalled is not None and bits is None:
                self._report(Detector.PROTOCOL, "valid was withdrawn before its payload passed")
            if stalled is not None and bits is not None and bits != stalled:
                self._report(
                    Detector.PROTOCOL, f"payload changed from {stalled:#x} to {bits:#x} while stalled"
                )
            if bits is None:
                stalled, idle = None, idle + 1
            elif ready:
                self.passed.write(Transaction(bits, clocking.cycle, waited, idle))
                stalled, waited, idle = None, 0, 0
            else:
                stalled, waited = bits, waited + 1

    def _observe(self) -> tuple[int | None, bool]:
        """The payload, None without valid, and whether it is accepted; reports X."""
        pins = self.settings.pins
        valid, ready = pins.valid.value, pins.ready.value
        if not valid.is_resolvable:
            self._report(Detector.UNKNOWN, f"valid is {valid} after reset")
        if not ready.is_resolvable:
            self._report(Detector.UNKNOWN, f"ready is {ready} after reset")
        if valid != 1:
            return None, False
        payload = pins.payload.value
        if not payload.is_resolvable:
            self._report(Detector.UNKNOWN, f"payload is {payload} while valid")
            return None, False
        return int(str(payload), 2), bool(ready == 1)  # one bit is a Logic, more are a LogicArray

    def _report(self, detector: Detector, what: str) -> None:
        cycle = self.settings.clocking.cycle
        self.settings.problems.append(Problem(detector, f"{self.settings.name}: {what}, at cycle {cycle}"))


class StreamAgent(uvm_agent):
    """A monitor of one stream, and what drives the other side: a sequencer and driver, or a receiver."""

    settings: StreamSettings

    def build_phase(self) -> None:
        super().build_phase()
        self.monitor = StreamMonitor("monitor", self)
        if self.settings.direction == "input":
            self.sequencer = uvm_sequencer("sequencer", self)
            self.driver = StreamDriver("driver", self)
        else:
            self.driver = ReadyDriver("driver", self)
        self.monitor.settings = self.driver.settings = self.settings

    def connect_phase(self) -> None:
        if self.settings.direction == "input":
            self.driver.seq_item_port.connect(self.sequencer.seq_item_export)
