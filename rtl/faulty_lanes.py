"""Lanes that do what they are told: the worst of wires between two dies, for a bench."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, DomainRenamer, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import CORE, Fault, Params, faults

from .fixed import layout
from .ports import signature


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


class Joined(wiring.Component):
    """Two bridges, and lanes each way that do what they are told: what a bench judges.

    Lanes to which nothing was done damage nothing. If a flit is dropped or put right all the same, or a word
    is sent or comes again, words are wrong from then on: so a bench sees what numbers and replay would hide.
    """

    def __init__(self, params: Params, west: Any, east: Any) -> None:
        self.params, self.bridges = params, {"west": west, "east": east}
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bridges = self.bridges
        faults = {"west": self.faults_to_east, "east": self.faults_to_west}
        harmed, trouble = Signal(), Signal()
        for die, other in (("west", "east"), ("east", "west")):
            bridge = bridges[die]
            m.submodules[die] = DomainRenamer({"line": "sync"})(bridge)
            lanes = FaultyLanes(self.params, bridge.to_line.shape())
            m.submodules[f"lanes_from_{die}"] = lanes
            m.d.comb += [
                lanes.input.eq(bridge.to_line),
                bridges[other].from_line.eq(lanes.output),
                bridges[other].runs.eq(lanes.runs),
            ]
            wiring.connect(m, wiring.flipped(faults[die]), lanes.faults)
            with m.If(faults[die].valid):
                m.d.sync += harmed.eq(1)
            noticed = Cat(bridge.dropped, bridge.corrected, bridge.counters).any()
            with m.If(noticed & ~harmed):
                m.d.sync += trouble.eq(1)
        west, east = bridges["west"], bridges["east"]
        wiring.connect(m, wiring.flipped(self.to_east), west.send)
        wiring.connect(m, wiring.flipped(self.to_west), east.send)
        for bridge, words in ((east, self.at_east), (west, self.at_west)):
            m.d.comb += [
                words.payload.data.eq(bridge.receive.payload.data ^ trouble),
                words.valid.eq(bridge.receive.valid),
                bridge.receive.ready.eq(words.ready),
            ]
        return m
