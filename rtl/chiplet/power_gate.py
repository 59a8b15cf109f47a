"""Switching a die off and on in hardware. What it does is told in `models/chiplet/power_gate.py`.

`Inward` and `Outward` are the stages of a channel, `Gate` is all stages and the states. `Joined` is a gate
with a die behind it, and what a bench judges.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.power_gate import CORE, FULL_RATE, Params, Role, State, word

from ..ports import carried, signature
from ..switched_loop import SwitchedLoop


class Inward(wiring.Component):
    """A stage towards the die. takes: a new word may come. holds: one has not reached the die."""

    def __init__(self, bits: int) -> None:
        words = carried(word(bits))
        controls = {"takes": In(1), "clock": In(1), "holds": Out(1)}
        super().__init__({"input": In(words), "output": Out(words), **controls})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        leaves = Signal()
        m.d.comb += [
            self.output.valid.eq(self.holds),
            leaves.eq(self.holds & self.output.ready & self.clock),
            self.input.ready.eq(self.takes & (~self.holds | leaves)),
        ]
        with m.If(leaves):
            m.d.sync += self.holds.eq(0)
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [self.output.payload.eq(self.input.payload), self.holds.eq(1)]
        return m


class Outward(wiring.Component):
    """A stage from the die. What it holds goes on whether or not there is a die."""

    def __init__(self, bits: int) -> None:
        words = carried(word(bits))
        super().__init__({"input": In(words), "output": Out(words), "isolate": In(1), "clock": In(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.input.ready.eq(~self.isolate & (~self.output.valid | self.output.ready))
        with m.If(self.output.ready):
            m.d.sync += self.output.valid.eq(0)
        with m.If(self.input.valid & self.input.ready & self.clock):
            m.d.sync += [self.output.payload.eq(self.input.payload), self.output.valid.eq(1)]
        return m


class Gate(wiring.Component):
    """Ports as declared in `models/chiplet/power_gate.py`."""

    def __init__(self, params: Params) -> None:
        self.params = replace(params, role=Role.GATE)
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        state = Signal(State, init=State.WAKE)
        following = Signal(State)
        power, isolate, reset = (Signal(init=1, name=name) for name in ("power", "isolate", "reset"))
        held = self._stages(m, state)
        self._change(m, state, following, drained=self.gated.idle & ~held)
        runs = self._divide(m)
        wakes = state == State.WAKE
        m.d.comb += [
            self.status.state.eq(state),
            self.control.power.eq(power),
            self.control.isolate.eq(isolate),
            self.control.reset.eq(reset),
            self.control.clock.eq(Mux(isolate, wakes & self.gated.powered, runs)),
        ]
        m.d.sync += [  # straight from flip-flops: a switch and a clamp must see no glitch
            state.eq(following),
            power.eq(following != State.OFF),
            isolate.eq((following != State.ON) & (following != State.DRAIN)),
            reset.eq((following == State.OFF) | (following == State.WAKE)),
            self.counters.clocks.eq(self.counters.clocks + self.control.clock),
            self.counters.downs.eq(self.counters.downs + (state == State.ISOLATED)),
        ]
        return m

    def _stages(self, m: Module, state: Signal) -> Any:
        """A stage for each channel; whether one towards the die holds a word."""
        told = self.control
        inward = [Inward(bits) for bits in self.params.inward]
        for number, stage in enumerate(inward):
            m.submodules[f"inward{number}"] = stage
            wiring.connect(m, wiring.flipped(getattr(self, f"input{number}")), stage.input)
            wiring.connect(m, stage.output, wiring.flipped(getattr(self, f"inward{number}")))
            m.d.comb += [stage.takes.eq(state == State.ON), stage.clock.eq(told.clock)]
        for number, stage in enumerate(Outward(bits) for bits in self.params.outward):
            m.submodules[f"outward{number}"] = stage
            wiring.connect(m, wiring.flipped(getattr(self, f"outward{number}")), stage.input)
            wiring.connect(m, stage.output, wiring.flipped(getattr(self, f"output{number}")))
            m.d.comb += [stage.isolate.eq(told.isolate), stage.clock.eq(told.clock)]
        return Cat(stage.holds for stage in inward).any()

    def _change(self, m: Module, state: Signal, following: Signal, drained: Any) -> None:
        """From state to state."""
        on, powered = self.registers.on, self.gated.powered
        last = self.params.reset_cycles - 1
        resets = Signal(range(last + 1))  # clocks in reset
        m.d.comb += following.eq(state)
        with m.Switch(state):
            with m.Case(State.ON), m.If(~on):
                m.d.comb += following.eq(State.DRAIN)
            with m.Case(State.DRAIN):
                with m.If(on):
                    m.d.comb += following.eq(State.ON)
                with m.Elif(drained):
                    m.d.comb += following.eq(State.ISOLATED)
            with m.Case(State.ISOLATED):
                m.d.comb += following.eq(State.OFF)
            with m.Case(State.OFF), m.If(on & ~powered):
                m.d.comb += following.eq(State.WAKE)
            with m.Case(State.WAKE):
                with m.If(~powered):
                    m.d.sync += resets.eq(0)
                with m.Elif(resets == last):
                    m.d.sync += resets.eq(0)
                    m.d.comb += following.eq(State.ON)
                with m.Else():
                    m.d.sync += resets.eq(resets + 1)

    def _divide(self, m: Module) -> Any:
        """Whether the clock runs in this cycle: `rate` is added up, and it runs where 16 are full."""
        phase = Signal(range(FULL_RATE))
        total = Signal(range(4 * FULL_RATE))
        m.d.comb += total.eq(phase + self.registers.rate)
        m.d.sync += phase.eq(total)
        return total >= FULL_RATE


class Joined(wiring.Component):
    """A gate and a die behind it, with requests, and reports of what came of them."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.gate = gate = Gate(self.params)
        m.submodules.die = die = SwitchedLoop(self.params)
        for number in range(len(self.params.inward)):
            wiring.connect(
                m, wiring.flipped(getattr(self, f"input{number}")), getattr(gate, f"input{number}")
            )
            wiring.connect(m, getattr(gate, f"inward{number}"), getattr(die, f"inward{number}"))
            wiring.connect(m, getattr(die, f"outward{number}"), getattr(gate, f"outward{number}"))
            wiring.connect(
                m, getattr(gate, f"output{number}"), wiring.flipped(getattr(self, f"output{number}"))
            )
        m.d.comb += [die.control.eq(gate.control), gate.gated.eq(die.gated)]
        self._request(m, gate)
        return m

    def _request(self, m: Module, gate: Gate) -> None:
        usual = {"on": 1, "rate": FULL_RATE}
        request = Signal.like(self.requests.payload, init=usual)
        report = self.reports.payload
        cycles = Signal(range(FULL_RATE + 1))  # since it was granted
        resets = Signal.like(report.resets)  # clocks in reset since the die was without power
        waits = Signal()
        granted = Signal()
        m.d.comb += [
            waits.eq(request.granted & (request.on | (request.rate != 0))),
            granted.eq(gate.status.state == Mux(request.on, State.ON, State.OFF)),
            self.reports.valid.eq(waits & (cycles == FULL_RATE)),
            self.requests.ready.eq(~waits | (self.reports.valid & self.reports.ready)),
            gate.registers.on.eq(request.on),
            gate.registers.rate.eq(request.rate),
        ]
        with m.If(waits & granted & ~self.reports.valid):
            m.d.sync += [
                cycles.eq(cycles + 1),
                report.clocks.eq(report.clocks + gate.control.clock),
                report.power.eq(gate.control.power),
                report.isolate.eq(gate.control.isolate),
                report.reset.eq(gate.control.reset),
                report.resets.eq(resets),
            ]
        with m.If(~gate.control.power):
            m.d.sync += resets.eq(0)
        with m.Elif(gate.control.reset & gate.control.clock):
            m.d.sync += resets.eq(resets + 1)
        with m.If(self.requests.ready):
            m.d.sync += [cycles.eq(0), report.clocks.eq(0), request.eq(request.shape().const(usual))]
            with m.If(self.requests.valid):
                m.d.sync += request.eq(self.requests.payload)


def component(params: Params) -> Gate | Joined:
    """The component that embodies `chiplet.power_gate`."""
    return Joined(params) if params.role is Role.JOINED else Gate(params)
