"""Lanes that do what they are told: the worst of wires between two dies, for a bench."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, DomainRenamer, EnableInserter, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import CORE, Fault, Params, faults

from .bridge_rules import EndRules, LineRules
from .fixed import layout
from .ports import signature


class FaultyLanes(wiring.Component):
    """A register on the way of each beat, in which faults befall it; without any, it comes unharmed.

    shape: of a beat. ticks: the clock does, with which it is sent. runs: the beat comes; else the forwarded
    clock stands still. pauses: the clock of the die behind the lanes should, too.
    """

    def __init__(self, params: Params, shape: Any) -> None:
        fault = layout(faults(params))
        super().__init__(
            {
                "input": In(shape),
                "ticks": In(1),
                "faults": In(stream.Signature(fault)),
                "output": Out(shape),
                "runs": Out(1),
                "pauses": Out(1),
            }
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

        m.d.comb += self.pauses.eq(befalls & (fault.kind == Fault.PAUSE))
        m.d.sync += [self.output.eq(beat), self.runs.eq(self.ticks)]
        with m.If(befalls & (fault.kind == Fault.CHANGE)):
            m.d.sync += self.output.eq(beat ^ fault.flips)
        with m.Elif(befalls & (fault.kind != Fault.PAUSE)):
            m.d.sync += [self.output.eq(0), self.runs.eq(self.ticks & (fault.kind != Fault.STOP))]
        return m


class Joined(wiring.Component):
    """Two bridges, and lanes each way that do what they are told: what a bench judges.

    The clock of a die may be told to stand still, and with it the one that it forwards. It does so while the
    die is up and offers no word. If a bridge does not keep the rules, there is a word too many, and all are 0
    from then on: so a bench sees what numbers and replay would hide.
    """

    def __init__(self, params: Params, west: Any, east: Any) -> None:
        self.params, self.bridges = params, {"west": west, "east": east}
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bridges, shape = self.bridges, self.bridges["west"].to_line.shape()
        words = {"west": (self.to_east, self.at_west), "east": (self.to_west, self.at_east)}
        faults = {"west": self.faults_to_east, "east": self.faults_to_west}
        self.ticks = {die: Signal(name=f"{die}_ticks") for die in bridges}
        self.lanes = {die: FaultyLanes(self.params, shape) for die in bridges}
        broken, trouble = [], Signal()
        for die, other in (("west", "east"), ("east", "west")):
            bridge, ticks, lanes = bridges[die], self.ticks[die], self.lanes[die]
            m.submodules[die] = DomainRenamer({"line": "sync"})(EnableInserter(ticks)(bridge))
            m.submodules[f"lanes_from_{die}"] = lanes
            to_send, received = words[die]
            spoilt, extra = Signal(name=f"{die}_is_spoilt"), Signal(name=f"{die}_extra_word")
            wiring.connect(m, wiring.flipped(faults[die]), lanes.faults)
            m.d.comb += [
                ticks.eq(~(self.lanes[other].pauses & bridge.status.up & ~bridge.receive.valid)),
                lanes.ticks.eq(ticks),
                lanes.input.eq(bridge.to_line),
                bridges[other].from_line.eq(lanes.output),
                bridges[other].runs.eq(lanes.runs),
                bridge.send.payload.eq(to_send.payload),
                bridge.send.valid.eq(to_send.valid),
                to_send.ready.eq(bridge.send.ready & ticks),
                received.payload.data.eq(Mux(spoilt, 0, bridge.receive.payload.data)),
                received.valid.eq(bridge.receive.valid | extra),
                bridge.receive.ready.eq(received.ready & ~extra),
            ]
            with m.If(trouble & ~spoilt & (~received.valid | received.ready)):  # and so in no word on offer
                m.d.sync += [spoilt.eq(1), extra.eq(1)]
            with m.If(extra & received.ready):
                m.d.sync += extra.eq(0)
            broken += [self._end_rules(m, die), self._line_rules(m, die, other)]
        with m.If(Cat(broken).any()):
            m.d.sync += trouble.eq(1)
        return m

    def _end_rules(self, m: Module, die: str) -> Signal:
        rules, end = EndRules(self.bridges[die].params), self.bridges[die].end
        m.submodules[f"rules_of_{die}"] = EnableInserter(self.ticks[die])(rules)
        m.d.comb += [
            rules.status.eq(end.status),
            rules.counters.eq(end.counters),
            rules.ready.eq(end.send.ready),
            rules.takes.eq(end.send.valid & end.send.ready),
            rules.word.eq(end.send.payload),
            rules.comes.eq(end.incoming.valid),
            rules.came.eq(end.incoming.payload),
            rules.offers.eq(end.receive.valid),
            rules.leaves.eq(end.receive.valid & end.receive.ready),
            rules.shows.eq(end.outgoing.valid),
            rules.shown.eq(end.outgoing.payload),
            rules.goes.eq(end.outgoing.ready),
        ]
        return rules.broken

    def _line_rules(self, m: Module, die: str, other: str) -> Signal:
        lanes, behind = self.lanes[die], self.bridges[other]
        given, arrived = self.bridges[die].end.outgoing, behind.end.incoming
        m.submodules[f"rules_from_{die}"] = rules = LineRules(self.params, lanes.input.shape())
        m.d.comb += [
            rules.ticks.eq(self.ticks[die]),
            rules.takes.eq(given.valid & given.ready),
            rules.given.eq(given.payload),
            rules.sent.eq(lanes.input),
            rules.came.eq(lanes.output),
            rules.runs.eq(lanes.runs),
            rules.reads.eq(self.ticks[other]),
            rules.arrives.eq(arrived.valid & arrived.ready),
            rules.arrived.eq(arrived.payload),
            rules.dropped.eq(behind.dropped),
            rules.corrected.eq(behind.corrected),
        ]
        return rules.broken
