"""What all sources of numbers share: a state that one request moves on by one step."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.core import Core

from .ports import signature


class NumberSource(wiring.Component):
    """Takes requests and gives numbers, one a cycle, one cycle later.

    A step happens when a request is accepted, which is when the output is empty or being read. The output
    shows the state, which therefore stands still while the output is stalled.

    A source says what its state is and where it begins, goes on and begins anew: `state`, a signal or record;
    `first()`, `following()` and `restarted()`, values for it; and `value()`, the number it stands for.
    """

    state: Any

    def __init__(self, core: Core, params: Any) -> None:
        self.params = params
        super().__init__(signature(core, params))

    def first(self) -> Any:
        """The state after reset, once it is asked for."""
        raise NotImplementedError

    def following(self, m: Module) -> Any:
        """The state after the present one."""
        raise NotImplementedError

    def restarted(self) -> Any:
        """The state that a restart gives."""
        raise NotImplementedError

    def value(self) -> Any:
        """The number that the present state stands for."""
        return self.state

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        started = Signal()  # there is a present state, from which the next one follows
        m.d.comb += [
            self.request.ready.eq(self.output.ready | ~self.output.valid),
            self.output.payload.value.eq(self.value()),
        ]
        with m.If(self.request.ready):
            m.d.sync += self.output.valid.eq(self.request.valid)
        with m.If(self.request.ready & self.request.valid):
            m.d.sync += started.eq(1)
            with m.If(self.request.payload.restart):
                m.d.sync += self.state.eq(self.restarted())
            with m.Elif(started):
                m.d.sync += self.state.eq(self.following(m))
            with m.Else():
                m.d.sync += self.state.eq(self.first())
        return m
