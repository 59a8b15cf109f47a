"""Saturating state machine in hardware; what it gives is stated in `models/sc/state_machine.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.state_machine import CORE, Params

from ..ports import signature


class StateMachine(wiring.Component):
    """Ports as declared in `models/sc/state_machine.py`: an up/down counter that stops at its ends."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        top = self.params.states - 1
        state = Signal(range(self.params.states), init=self.params.states // 2)
        first, last = self.params.ones

        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            self.output.payload.bit.eq((state >= first) & (state <= last)),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            with m.If(self.input.payload.bit & (state != top)):
                m.d.sync += state.eq(state + 1)
            with m.If(~self.input.payload.bit & (state != 0)):
                m.d.sync += state.eq(state - 1)
        return m


def component(params: Params) -> StateMachine:
    """The component that embodies `sc.state_machine`."""
    return StateMachine(params)
