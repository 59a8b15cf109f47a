"""What watches a board's chain: the lockstep with expected events, and the probe.

    events ─▶ gate ─▶ chain ─▶ Comparator ─▶ events to the host
                                   ▲
              expected events ─────┘

In lockstep the gate hands the chain one tick at a time: no event follows a mark before that mark has come out
of the chain, and none follows a difference. So the chain comes to rest with the state that it has after the
first tick that differs.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, ResetInserter, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.description import BoardParams
from spikelock.models.board.registers import CONTROL, STATUS
from spikelock.models.board.taps import DATA, RATE_WIDTH, SAMPLE, TIME, Source, capture_port
from spikelock.models.fabric.chain import CORE
from spikelock.models.fabric.tile import Kind
from spikelock.models.link.protocol import Channel
from spikelock.models.monitor.comparator import Params as ComparatorParams
from spikelock.models.monitor.probe import Params as ProbeParams
from spikelock.models.ports import Layout

from ..fixed import layout
from ..monitor.comparator import Comparator
from ..monitor.probe import Probe
from ..ports import carried
from .events import Incoming, Packer
from .packets import PACKETS

EXPECTED_DEPTH = 256
"""Expected events that may wait."""

CAPTURES_DEPTH = 32
"""Samples of a capture that wait to be packed."""

SHOWN = ("stopped", "stopped_index", "stopped_expected", "stopped_actual", "probe_depth")
"""Registers of the board whose values come from here."""

SEEN = ("events_waiting", "events_leaving", "spikes_of_tick", "link_errors", "link_replays", "link_overruns")
"""Registers of the board that the probe can be put on."""


class Monitors(wiring.Component):
    """Between the buffers of events and the chain.

    input, to_chain, from_chain, output: events. expected: packets of that channel. granting, captures:
    packets to the host. granted, more: credits for captures. idle: the chain waits for an event. seen, shown:
    registers of the board. refused, dropped: see `Unpacker`.
    """

    def __init__(self, params: BoardParams) -> None:
        self.params = params
        (self.incoming,) = CORE.inputs(params.chain).values()
        (self.outgoing,) = CORE.outputs(params.chain).values()
        super().__init__(
            {
                "input": In(carried(self.incoming)),
                "to_chain": Out(carried(self.incoming)),
                "from_chain": In(carried(self.outgoing)),
                "output": Out(carried(self.outgoing)),
                "expected": In(PACKETS),
                "granting": Out(PACKETS),
                "captures": Out(PACKETS),
                "granted": In(1),
                "more": In(16),
                "idle": In(1),
                "control": In(layout(Layout({name: r.q for name, r in CONTROL.items()}))),
                "seen": In(layout(Layout({name: STATUS[name].q for name in SEEN}))),
                "shown": Out(layout(Layout({name: STATUS[name].q for name in SHOWN}))),
                "refused": Out(1),
                "dropped": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        differs = self._lockstep(m) if self.params.lockstep else self._passage(m)
        self._gate(m, differs)
        m.d.comb += self.shown.probe_depth.eq(self.params.probe_depth)
        if self.params.probe_depth:
            self._probe(m)
        return m

    def _passage(self, m: Module) -> Value:
        """The chain's events go on, and nothing differs."""
        m.d.comb += [
            self.output.payload.eq(self.from_chain.payload),
            self.output.valid.eq(self.from_chain.valid & self.control.run),
            self.from_chain.ready.eq(self.output.ready),
            self.refused.eq(self.expected.valid),
            self.expected.ready.eq(1),
        ]
        return Const(0, 1)

    def _lockstep(self, m: Module) -> Value:
        """The chain's events go on while they are the expected ones; says whether one was not."""
        control, shown = self.control, self.shown
        width = self.outgoing.width
        m.submodules.golden = golden = Incoming(self.outgoing, EXPECTED_DEPTH, Channel.EXPECTED)
        m.submodules.comparator = comparator = ResetInserter(~control.run)(
            Comparator(ComparatorParams(width))
        )
        wiring.connect(m, wiring.flipped(self.expected), golden.input)
        wiring.connect(m, golden.granting, wiring.flipped(self.granting))
        m.d.comb += [self.refused.eq(golden.refused), self.dropped.eq(golden.dropped)]

        # Where nothing is compared, the chain's events need no partners, and expected ones are dropped.
        comparing = Signal()
        report = comparator.report
        m.d.comb += [
            comparing.eq(control.lockstep & control.run & ~report.valid),
            comparator.actual.payload.data.eq(self.from_chain.payload),
            comparator.actual.payload.compare.eq(control.lockstep),
            comparator.actual.valid.eq(self.from_chain.valid & control.run),
            self.from_chain.ready.eq(comparator.actual.ready),
            comparator.expected.payload.data.eq(golden.output.payload),
            comparator.expected.valid.eq(golden.output.valid | ~comparing),
            golden.output.ready.eq(comparator.expected.ready | ~comparing),
            self.output.payload.eq(comparator.output.payload.data),
            self.output.valid.eq(comparator.output.valid),
            comparator.output.ready.eq(self.output.ready),
            shown.stopped.eq(report.valid),
            shown.stopped_index.eq(report.payload.index),
            shown.stopped_expected.eq(report.payload.expected),
            shown.stopped_actual.eq(report.payload.actual),
        ]
        return report.valid

    def _gate(self, m: Module, differs: Value) -> None:
        """In lockstep, hands the chain one tick at a time, and none after a difference."""
        control = self.control
        ahead = Signal()  # a mark is on its way through the chain
        open_ = Signal()
        m.d.comb += [
            open_.eq(control.run & ~control.pause & ~(control.lockstep & (ahead | differs))),
            self.to_chain.payload.eq(self.input.payload),
            self.to_chain.valid.eq(self.input.valid & open_),
            # What a run in lockstep has left over is dropped before the next one.
            self.input.ready.eq((self.to_chain.ready & open_) | (control.lockstep & ~control.run)),
        ]
        with m.If(_passes(self.from_chain) & _is_mark(self.from_chain.payload)):
            m.d.sync += ahead.eq(0)
        with m.If(_passes(self.to_chain) & _is_mark(self.to_chain.payload)):
            m.d.sync += ahead.eq(1)
        with m.If(~control.run):
            m.d.sync += ahead.eq(0)

    def _probe(self, m: Module) -> None:
        control, seen = self.control, self.seen
        m.submodules.probe = probe = Probe(ProbeParams(SAMPLE.width, self.params.probe_depth, RATE_WIDTH))
        m.submodules.packer = packer = Packer(
            capture_port(self.params.probe_depth), CAPTURES_DEPTH, Channel.PROBES
        )
        wiring.connect(m, probe.output, packer.input)
        wiring.connect(m, packer.output, wiring.flipped(self.captures))
        m.d.comb += [packer.granted.eq(self.granted), packer.more.eq(self.more)]
        for name in ("arm", "repeat", "trigger", "mask", "value", "after", "occurrences", "window"):
            m.d.comb += probe.registers[name].eq(control[f"probe_{name}"])

        handshakes = Cat(
            self.to_chain.valid,
            self.to_chain.ready,
            self.from_chain.valid,
            self.from_chain.ready,
            self.idle,
            control.run,
            self.shown.stopped,
        )
        stays = {
            Source.LEVELS: Cat(seen.events_waiting[:12], seen.events_leaving[:12]),
            Source.HANDSHAKES: handshakes,
            Source.LINK: Cat(seen.link_errors[:8], seen.link_replays[:8], seen.link_overruns[:8]),
        }
        data = Signal(DATA.width)
        before = Signal(DATA.width)
        happens = Signal()
        stopped = Signal()
        tick = Signal()
        time = Signal(TIME.width)
        m.d.sync += [
            before.eq(data),
            time.eq(time + 1),
            stopped.eq(self.shown.stopped),
            tick.eq(_passes(self.from_chain) & (self.from_chain.payload.kind == Kind.TICK)),
        ]
        with m.Switch(control.probe_source):
            with m.Case(Source.OUTPUT):
                m.d.comb += [
                    data.eq(Value.cast(self.from_chain.payload)),
                    happens.eq(_passes(self.from_chain)),
                ]
            with m.Case(Source.INPUT):
                m.d.comb += [data.eq(Value.cast(self.to_chain.payload)), happens.eq(_passes(self.to_chain))]
            with m.Case(Source.TICKS):
                m.d.comb += [data.eq(seen.spikes_of_tick), happens.eq(tick)]
            for source, value in stays.items():
                with m.Case(source):
                    m.d.comb += [data.eq(value), happens.eq(data != before)]
        m.d.comb += [
            probe.input.payload.sample.eq(Cat(data, time)),
            probe.input.payload.external.eq(self.shown.stopped),
            probe.input.valid.eq(happens | (self.shown.stopped & ~stopped)),
        ]


def _passes(stream: Any) -> Value:
    return stream.valid & stream.ready


def _is_mark(event: Any) -> Value:
    return (event.kind == Kind.TICK) | (event.kind == Kind.RESTART)


def component(params: BoardParams) -> Monitors:
    """As `Mutant.component` makes it anew."""
    return Monitors(params)
