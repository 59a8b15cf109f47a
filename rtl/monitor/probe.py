"""A ring of samples around a trigger in hardware; `models/monitor/probe.py` says what is captured.

    FILL ─── the trigger ──▶ AFTER ─── `after` samples later ──▶ FETCH ──▶ SEND ──▶ FILL, or DONE

A sample a cycle is taken in FILL and AFTER, and one a cycle is sent in SEND. In DONE samples are dropped
until the probe is armed again.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from spikelock.models.monitor.probe import CORE, Params, Trigger

from ..ports import signature


class Probe(wiring.Component):
    """Ports as declared in `models/monitor/probe.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, value, output = self.params, self.registers, self.output
        m.submodules.ring = ring = Memory(shape=params.width, depth=params.depth, init=[])
        write, read = ring.write_port(), ring.read_port()
        end = Signal(range(params.depth))  # place of the next sample
        filled = Signal(range(params.depth + 1))
        remaining = Signal.like(value.after)  # samples still to come after the trigger
        place = Signal.like(value.after)  # how many come after the trigger in this capture
        left = Signal.like(end)  # samples still to be sent behind the present one
        taken = Signal()
        m.d.comb += [
            taken.eq(self.input.valid & self.input.ready & value.arm),
            write.addr.eq(end),
            write.data.eq(self.input.payload.sample),
            read.addr.eq(end - 1 - left),
            output.payload.sample.eq(read.data),
            output.payload.trigger.eq(left == place),
            output.payload.last.eq(left == 0),
        ]
        hit = self._trigger(m, taken, filled == 0)

        with m.FSM():
            with m.State("FILL"):
                m.d.comb += [self.input.ready.eq(1), write.en.eq(taken)]
                with m.If(taken & hit):
                    m.d.sync += [remaining.eq(value.after), place.eq(value.after)]
                    m.next = "AFTER"
                    with m.If(value.after == 0):
                        m.next = "FETCH"
            with m.State("AFTER"):
                m.d.comb += [self.input.ready.eq(1), write.en.eq(taken)]
                with m.If(taken):
                    m.d.sync += remaining.eq(remaining - 1)
                    with m.If(remaining == 1):
                        m.next = "FETCH"
                with m.If(~value.arm):
                    m.next = "FILL"
            with m.State("FETCH"):
                m.d.sync += left.eq(filled - 1)
                m.d.comb += read.addr.eq(end - filled)
                m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += output.valid.eq(1)
                with m.If(output.ready):
                    m.d.sync += left.eq(left - 1)
                    m.d.comb += read.addr.eq(end - left)
                    with m.If(left == 0):
                        m.d.sync += filled.eq(0)
                        m.next = "DONE"
                        with m.If(value.repeat):
                            m.next = "FILL"
            with m.State("DONE"):
                m.d.comb += self.input.ready.eq(1)
                with m.If(~value.arm):
                    m.next = "FILL"

        with m.If(write.en):
            m.d.sync += [end.eq(end + 1), filled.eq(filled + (filled != params.depth))]
        with m.If(self.input.ready & ~value.arm):
            m.d.sync += filled.eq(0)
        return m

    def _trigger(self, m: Module, taken: Any, first: Any) -> Signal:
        """Whether the present sample is the trigger, if one is awaited; `first` is the first of a capture."""
        value, sample = self.registers, self.input.payload.sample
        previous = Signal.like(sample)
        position = Signal(self.params.rate_width)  # of the sample in its window
        matches = Signal(self.params.rate_width)  # in the window, before the sample
        position_here = Signal.like(position)
        matches_here = Signal(self.params.rate_width + 1)
        match = Signal()
        hit = Signal()
        m.d.comb += [
            match.eq(((sample ^ value.value) & value.mask) == 0),
            position_here.eq(Mux(first, 0, position)),
            matches_here.eq(Mux(first, 0, matches) + match),
        ]
        with m.If(taken):
            m.d.sync += [
                previous.eq(sample),
                position.eq(position_here + 1),
                matches.eq(matches_here),
            ]
            with m.If((position_here + 1)[: len(position)] == value.window):
                m.d.sync += [position.eq(0), matches.eq(0)]
        with m.Switch(value.trigger):
            with m.Case(Trigger.VALUE):
                m.d.comb += hit.eq(match)
            with m.Case(Trigger.EDGE):
                m.d.comb += hit.eq(~first & ((sample ^ previous) & value.mask).any())
            with m.Case(Trigger.RATE):
                m.d.comb += hit.eq(match & (matches_here >= value.occurrences))
            with m.Case(Trigger.EXTERNAL):
                m.d.comb += hit.eq(self.input.payload.external)
        return hit


def component(params: Params) -> Probe:
    """The component that embodies `monitor.probe`."""
    return Probe(params)
