"""A line that does what it is told to do to each frame: the worst of wires, for a bench."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from spikelock.models.link.endpoint import Fault

PATIENCE = 200
"""Cycles without a frame after which faults are taken that befall none."""

LATE = 50
"""Cycles by which a frame that stalls comes late."""


class FaultyLine(wiring.Component):
    """Passes on frames of up to `longest` beats, each whole, as `faults` say; where none is there, unharmed.

    shape: of a beat, with a field `last`. A frame that is held comes after the next one that passes.
    """

    def __init__(self, shape: Any, longest: int) -> None:
        self.longest = longest
        faults = stream.Signature(data.StructLayout({"fault": 3}))
        beats = stream.Signature(shape)
        super().__init__({"input": In(beats), "faults": In(faults), "output": Out(beats)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bits = (self.longest - 1).bit_length()
        shape = self.input.payload.shape()
        m.submodules.memory = memory = Memory(shape=shape, depth=2 << bits, init=[])
        write, read = memory.write_port(), memory.read_port()
        index = Signal(bits)
        slot = Signal()
        fault = Signal(Fault)
        held = Signal()
        again = Signal()
        waited = Signal(range(max(PATIENCE, LATE) + 1))

        m.d.comb += [
            write.addr.eq(Cat(index, slot)),
            write.data.eq(self.input.payload),
            write.en.eq(self.input.valid & self.input.ready),
            read.addr.eq(Cat(index, slot)),
            read.en.eq(0),
            self.output.payload.eq(read.data),
        ]
        with m.FSM():
            with m.State("WAIT"):
                m.d.sync += [index.eq(0), fault.eq(Fault.PASS), waited.eq(waited + (waited != PATIENCE))]
                m.d.comb += self.faults.ready.eq(self.input.valid | (waited == PATIENCE))
                with m.If(self.input.valid):
                    m.d.sync += waited.eq(0)
                    m.next = "TAKE"
                    with m.If(self.faults.valid):
                        m.d.sync += fault.eq(self.faults.payload.fault)
            with m.State("TAKE"):
                m.d.comb += self.input.ready.eq(1)
                with m.If(self.input.valid):
                    m.d.sync += index.eq(index + 1)
                    with m.If(self.input.payload.last):
                        m.d.sync += index.eq(0)
                        m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.sync += [again.eq(fault == Fault.DOUBLE), waited.eq(waited + 1)]
                with m.If(fault == Fault.DROP):
                    m.next = "WAIT"
                with m.Elif((fault == Fault.HOLD) & ~held):
                    m.d.sync += [held.eq(1), slot.eq(~slot)]
                    m.next = "WAIT"
                with m.Elif((fault != Fault.STALL) | (waited == LATE)):
                    m.next = "READ"
            with m.State("READ"):
                m.d.comb += read.en.eq(1)
                m.d.sync += [index.eq(index + 1), waited.eq(0)]
                m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += self.output.valid.eq(1)
                with m.If(self.output.ready):
                    m.d.comb += read.en.eq(1)
                    m.d.sync += index.eq(index + 1)
                    with m.If(read.data.last):
                        m.d.sync += index.eq(0)
                        with m.If(again):
                            m.d.sync += again.eq(0)
                            m.next = "READ"
                        with m.Elif(held):
                            m.d.sync += [held.eq(0), slot.eq(~slot)]
                            m.next = "READ"
                        with m.Else():
                            m.next = "WAIT"
        return m
