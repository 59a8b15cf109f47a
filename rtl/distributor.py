"""Splits a channel by the sources of its events: for a bench, where their order depends on timing."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind

from .fixed import layout


class Distributor(wiring.Component):
    """An event goes to `output{n}`, where n is the low bits of its payload; a mark goes to all outputs.

    An event whose payload names no output goes nowhere. The next event is taken once all outputs that this
    one goes to have taken it.
    """

    def __init__(self, event: Format, outputs: int) -> None:
        self.count = outputs
        channel = stream.Signature(layout(event.port()))
        super().__init__(
            {"input": In(channel)} | {f"output{number}": Out(channel) for number in range(outputs)}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        event = self.input.payload
        outputs = [getattr(self, f"output{number}") for number in range(self.count)]
        source = event.payload[: (self.count - 1).bit_length()]
        wanted = Signal(self.count)
        taken = Signal(self.count)  # by outputs that were ready before the others
        takes = Signal(self.count)
        for number, output in enumerate(outputs):
            m.d.comb += [
                wanted[number].eq(self.input.valid & ((source == number) | (event.kind == Kind.TICK))),
                output.payload.eq(event),
                output.valid.eq(wanted[number] & ~taken[number]),
            ]
        m.d.comb += [
            takes.eq(taken | Cat(output.ready for output in outputs)),
            self.input.ready.eq((takes | ~wanted).all()),
        ]
        m.d.sync += taken.eq(Mux(self.input.ready, 0, takes))
        return m
