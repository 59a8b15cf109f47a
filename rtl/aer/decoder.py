"""From events to spike vectors, in hardware; `models/aer/decoder.py` says to which.

Each event changes the vector and the counts of its step. At the mark they move to a register, from which they
leave while the next step comes. Only a mark waits, while the step before has not left.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring

from spikelock.models.aer.decoder import CORE, Params
from spikelock.models.fabric.tile import Kind

from ..ports import signature


class Decoder(wiring.Component):
    """Ports as declared in `models/aer/decoder.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, event = self.params, self.input.payload
        is_mark = Signal()
        takes = Signal()
        neuron = Signal(range(1 << params.event.address_width))
        known = Signal()
        again = Signal()
        spikes = Signal(params.neurons)
        sets = Signal()
        counts = [Signal(params.count_width, name=f"{name}_before") for name in params.counts]
        counted = {name: Signal(name=name) for name in params.counts}
        m.d.comb += [
            is_mark.eq(self.input.valid & (event.kind == Kind.TICK)),
            self.input.ready.eq(~is_mark | ~self.vector.valid | self.vector.ready),
            takes.eq(self.input.valid & self.input.ready),
            neuron.eq(event.address - params.base),
            known.eq(neuron < params.neurons),
            again.eq(spikes.bit_select(neuron, 1)),
        ]

        with m.If(self._is_late(m, takes & is_mark)):
            if "late" in counted:
                m.d.comb += counted["late"].eq(1)
        with m.Elif(event.kind == Kind.SPIKE):
            m.d.comb += [
                counted["outside"].eq(~known),
                counted["doubled"].eq(known & again),
                sets.eq(known & ~again),
            ]
        with m.Elif(~is_mark):
            m.d.comb += counted["other"].eq(1)

        following = [
            Mux(count.all(), count, count + counted[name])[: params.count_width]
            for name, count in zip(params.counts, counts, strict=True)
        ]
        with m.If(self.vector.ready):
            m.d.sync += self.vector.valid.eq(0)
        with m.If(takes):
            m.d.sync += [
                count.eq(Mux(is_mark, 0, more)) for count, more in zip(counts, following, strict=True)
            ]
            with m.If(is_mark):
                m.d.sync += [
                    self.vector.valid.eq(1),
                    Value.cast(self.vector.payload).eq(Cat(spikes, *following)),
                    spikes.eq(0),
                ]
            with m.Elif(sets):
                m.d.sync += spikes.bit_select(neuron, 1).eq(1)
        return m

    def _is_late(self, m: Module, ends: Value) -> Any:
        """Whether the event's tick is not that of this step, which `ends` with a mark."""
        if not self.params.event.tick_width:
            return 0
        tick = Signal(self.params.event.tick_width)
        with m.If(ends):
            m.d.sync += tick.eq(tick + 1)
        return self.input.payload.tick != tick


def component(params: Params) -> Decoder:
    """The component that embodies `aer.decoder`."""
    return Decoder(params)
