"""A stochastic layer in a chain of tiles, in hardware; `models/sc/tile.py` says what it does.

    IDLE ── SPIKE, RESTART, FAULT ──▶ PASS
    IDLE ── TICK ──▶ FEED ── every input has its value ──▶ TAKE ⇄ SEND ──▶ MARK ──▶ PASS
    PASS ── the event, or mark, leaves ──▶ IDLE, or what follows it for an event that comes at once

An event leaves in the cycle after its acceptance, and the next one is accepted as it leaves. A tick takes the
cycles of the layer's tick and two more, or three where the last neuron fires: a spike is sent while the layer
computes the next neuron.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring

from spikelock.models.fabric.tile import Kind
from spikelock.models.sc.dense import CORE as DENSE
from spikelock.models.sc.tile import CORE, Params

from ..ports import signature
from .dense import Dense


class Tile(wiring.Component):
    """Ports as declared in `models/sc/tile.py`; `load` writes the layer's memories."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        self.layer = Dense(self.params.layer)
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, layer = self.params, self.layer
        m.submodules.layer = layer
        wiring.connect(m, wiring.flipped(self.load), layer.load)
        if DENSE.registers(params.layer):
            m.d.comb += layer.registers.eq(self.registers)

        departing = Signal.like(self.output.payload)  # event that PASS or SEND is sending
        spiked = Signal(params.layer.inputs)  # by input; FEED shifts it out, which leaves none
        restart = Signal()
        source = Signal(range(params.layer.inputs))
        neuron = Signal(range(params.neurons))
        last = Signal()
        m.d.comb += [
            self.output.payload.eq(departing),
            layer.input.payload.value.eq(Mux(spiked[0], params.full_scale, 0)),
            layer.input.payload.restart.eq(restart),
            last.eq(neuron == params.neurons - 1),
        ]

        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.input.ready.eq(1)
                with m.If(self.input.valid):
                    self._accept(m, departing, spiked, restart)

            with m.State("FEED"):
                m.d.comb += layer.input.valid.eq(1)
                with m.If(layer.input.ready):
                    m.d.sync += [spiked.eq(spiked >> 1), source.eq(source + 1)]
                    with m.If(source == params.layer.inputs - 1):
                        m.d.sync += [source.eq(0), restart.eq(0)]
                        m.next = "TAKE"

            with m.State("TAKE"):
                m.d.comb += layer.output.ready.eq(1)
                m.d.sync += [departing.kind.eq(Kind.SPIKE), departing.address.eq(params.axons + neuron)]
                with m.If(layer.output.valid):
                    m.d.sync += neuron.eq(Mux(last, 0, neuron + 1))
                    with m.If(layer.output.payload.spike):
                        m.next = "SEND"
                    with m.Elif(last):
                        m.next = "MARK"

            with m.State("SEND"):
                m.d.comb += self.output.valid.eq(1)
                with m.If(self.output.ready):
                    m.next = "TAKE"
                    with m.If(neuron == 0):
                        m.next = "MARK"

            with m.State("MARK"):
                m.d.sync += [departing.kind.eq(Kind.TICK), departing.address.eq(0)]
                m.next = "PASS"

            with m.State("PASS"):
                m.d.comb += [self.output.valid.eq(1), self.input.ready.eq(self.output.ready)]
                with m.If(self.output.ready):
                    m.next = "IDLE"
                    with m.If(self.input.valid):
                        self._accept(m, departing, spiked, restart)
        return m

    def _accept(self, m: Module, departing: Any, spiked: Any, restart: Any) -> None:
        """Takes an event, and lets it depart, unless it is a tick mark."""
        params, event = self.params, self.input.payload
        m.d.sync += [departing.kind.eq(event.kind), departing.address.eq(event.address)]
        m.next = "PASS"
        with m.Switch(event.kind):
            with m.Case(Kind.SPIKE):
                heard = event.address - params.first
                with m.If((heard >= 0) & (heard < params.layer.inputs)):
                    m.d.sync += spiked.bit_select(heard.as_unsigned(), 1).eq(1)
                with m.If(event.address >= params.axons):
                    m.d.sync += departing.kind.eq(Kind.FAULT)
            with m.Case(Kind.TICK):
                m.next = "FEED"
            with m.Case(Kind.RESTART):
                m.d.sync += [departing.address.eq(0), spiked.eq(0), restart.eq(1)]


def component(params: Params) -> Tile:
    """The component that embodies `sc.tile`."""
    return Tile(params)
