"""Counters as a stream, for a bench: the order of what they count depends on timing, their sums do not."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Port

from .ports import carried

AT_REST = 100
"""Cycles after which what no mark is waiting for has arrived too."""


class CounterStream(wiring.Component):
    """A gate in the host's channel to a mesh. After the mark of a step with a RESTART it takes nothing until
    every mark is answered and `AT_REST` cycles have passed, and has shown each counter on `counted`.

    answered: a mark has come back. The first comes before any was sent.
    """

    def __init__(self, event: Format, counters: Port) -> None:
        value = next(iter(counters.fields.values()))
        channel = carried(event.port())
        super().__init__(
            {
                "input": In(channel),
                "output": Out(channel),
                "answered": In(1),
                "counters": In(carried(counters)),
                "counted": Out(carried(Port({"value": value}))),
            }
        )
        self._names = list(counters.fields)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        kind = self.input.payload.kind
        passes, sent = Signal(), Signal()
        restarts = Signal()
        awaited = Signal(16, init=1)  # marks
        rest = Signal(range(AT_REST))
        chosen = Signal(range(len(self._names)))
        m.d.comb += [
            passes.eq(self.input.valid & self.input.ready),
            sent.eq(passes & (kind == Kind.TICK)),
            Value.cast(self.output.payload).eq(Value.cast(self.input.payload)),
            self.counted.payload.value.eq(Array(self.counters[name] for name in self._names)[chosen]),
        ]
        m.d.sync += awaited.eq(awaited + sent - self.answered)
        with m.FSM():
            with m.State("open"):
                m.d.comb += [
                    self.output.valid.eq(self.input.valid),
                    self.input.ready.eq(self.output.ready),
                ]
                with m.If(passes):
                    m.d.sync += restarts.eq((kind == Kind.RESTART) | (restarts & ~sent))
                    with m.If(sent & restarts):
                        m.next = "coming to rest"
            with m.State("coming to rest"):
                m.d.sync += rest.eq(0)
                with m.If(awaited == 0):
                    m.d.sync += rest.eq(rest + 1)
                    with m.If(rest == AT_REST - 1):
                        m.d.sync += rest.eq(0)
                        m.next = "showing"
            with m.State("showing"):
                m.d.comb += self.counted.valid.eq(1)
                with m.If(self.counted.ready):
                    m.d.sync += chosen.eq(chosen + 1)
                    with m.If(chosen == len(self._names) - 1):
                        m.d.sync += chosen.eq(0)
                        m.next = "open"
        return m
