"""A bank of firing rates in hardware; what it gives is stated in `models/sc/firing_rate.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from spikelock.models.sc.firing_rate import CORE, Params

from ..fixed import fit
from ..ports import signature


class FiringRate(wiring.Component):
    """Ports as declared in `models/sc/firing_rate.py`; counts are in a memory, read one neuron ahead.

    Nothing is cleared: in the first tick of a window a count begins with the spike alone.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, given = self.params, self.input.payload
        neuron = Signal(range(params.neurons))
        neuron_ahead = Signal(range(params.neurons))  # what it will be in the next cycle
        tick = Signal(range(params.window))
        now = Signal(range(params.window))  # the tick, restarts considered
        taken = Signal()
        ends = Signal()  # the window ends with this tick
        last = Signal()
        m.submodules.counts = counts = Memory(shape=range(params.window + 1), depth=params.neurons, init=[])
        write = counts.write_port()
        read = counts.read_port(transparent_for=(write,))
        count = Signal(range(params.window + 1))
        rate, _ = fit(count * params.scale, params.rate, params.overflow)
        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            taken.eq(self.input.valid & self.input.ready),
            now.eq(Mux(given.restart & (neuron == 0), 0, tick)),
            ends.eq(now == params.window - 1),
            last.eq(neuron == params.neurons - 1),
            count.eq(Mux(now == 0, 0, read.data) + given.spike),
            neuron_ahead.eq(neuron),
            read.addr.eq(neuron_ahead),
            write.addr.eq(neuron),
            write.data.eq(count),
            write.en.eq(taken),
        ]
        m.d.sync += neuron.eq(neuron_ahead)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid & ends)
        with m.If(taken):
            m.d.comb += neuron_ahead.eq(Mux(last, 0, neuron + 1))
            m.d.sync += [tick.eq(now), self.output.payload.rate.eq(rate)]
            with m.If(last):
                m.d.sync += tick.eq(Mux(ends, 0, now + 1))
        return m


def component(params: Params) -> FiringRate:
    """The component that embodies `sc.firing_rate`."""
    return FiringRate(params)
