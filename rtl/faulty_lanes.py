"""Lanes that do what they are told: the worst of wires between two dies, for a bench."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import Fault, Params, faults

from .fixed import layout


class FaultyLanes(wiring.Component):
    """A register on the way of each beat, in which faults befall it; without any, it comes unharmed.

    shape: of a beat. runs: the beat comes; else the forwarded clock stands still.
    """

    def __init__(self, params: Params, shape: Any) -> None:
        fault = layout(faults(params))
        super().__init__(
            {"input": In(shape), "faults": In(stream.Signature(fault)), "output": Out(shape), "runs": Out(1)}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        fault = Signal.like(self.faults.payload)
        lasts = Signal()
        befalls = Signal()
        beat = self.input.as_value()
        m.d.comb += [
            lasts.eq((fault.after != 0) | (fault.length != 0)),
            befalls.eq((fault.after == 0) & (fault.length != 0)),
            self.faults.ready.eq(~lasts),
        ]
        with m.If(self.faults.ready & self.faults.valid):
            m.d.sync += fault.eq(self.faults.payload)
        with m.Elif(fault.after != 0):
            m.d.sync += fault.after.eq(fault.after - 1)
        with m.Elif(fault.length != 0):
            m.d.sync += fault.length.eq(fault.length - 1)

        m.d.sync += [self.output.eq(beat), self.runs.eq(1)]
        with m.If(befalls):
            changed = Mux(fault.kind == Fault.CHANGE, beat ^ fault.flips, 0)
            m.d.sync += [self.output.eq(changed), self.runs.eq(fault.kind != Fault.STOP)]
        return m
