"""Two streams held against each other in hardware; `models/monitor/comparator.py` says what is told.

Every cycle takes a pair. Only a second report waits for the first to be read, not the records behind it.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.monitor.comparator import CORE, Params

from ..ports import signature


class Comparator(wiring.Component):
    """Ports as declared in `models/monitor/comparator.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        actual, expected, output, report = self.actual, self.expected, self.output, self.report
        compared = Signal(self.params.index_width)
        stopped = Signal()
        differs = Signal()
        room = Signal()
        taken = Signal()
        m.d.comb += [
            differs.eq(actual.payload.compare & ~stopped & (actual.payload.data != expected.payload.data)),
            room.eq((output.ready | ~output.valid) & (report.ready | ~report.valid | ~differs)),
            taken.eq(actual.valid & expected.valid & room),
            actual.ready.eq(taken),
            expected.ready.eq(taken),
        ]
        with m.If(output.ready):
            m.d.sync += output.valid.eq(0)
        with m.If(report.ready):
            m.d.sync += report.valid.eq(0)
        with m.If(taken):
            m.d.sync += [
                output.valid.eq(1),
                output.payload.data.eq(actual.payload.data),
                compared.eq(compared + 1),
            ]
            with m.If(~actual.payload.compare):
                m.d.sync += [compared.eq(0), stopped.eq(0)]
            with m.If(differs):
                m.d.sync += [
                    stopped.eq(1),
                    report.valid.eq(1),
                    report.payload.index.eq(compared),
                    report.payload.expected.eq(expected.payload.data),
                    report.payload.actual.eq(actual.payload.data),
                ]
        return m


def component(params: Params) -> Comparator:
    """The component that embodies `monitor.comparator`."""
    return Comparator(params)
