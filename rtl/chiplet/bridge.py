"""A bridge between two dies in hardware. What it does is told in `models/chiplet/bridge.py` and
`docs/bridge.md`.

`End` is what one end does at its die's clock, `Crossing` what lies between two clocks. `Bridge` is an end on
its lanes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import DomainRenamer, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import CORE, Kind, Params, Role, flit

from ..coupled_ends import Coupled
from ..crossing import Crossing
from ..faulty_lanes import Joined
from ..fixed import layout
from ..ports import signature
from .framing import Receiver, Transmitter, beat_layout

PLACES = 4
"""Flits that have room between two clocks."""


class End(wiring.Component):
    """Ports as declared in `models/chiplet/bridge.py`. `incoming` is always ready, `outgoing` valid.

    Words are numbered modulo 2^number_bits. `base` is the oldest that is not acknowledged; from there, `used`
    words are in their slots, `sent` of them have been sent, and `next` is the one to be sent next:
    0 ≤ next ≤ sent ≤ used ≤ window. The slot of a word is its number modulo the window.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bits = self.params.number_bits
        self.comes = Signal()  # a flit that says more than that the line works
        self.up = Signal()
        self.hears = Signal()
        self.expected = Signal(bits)
        self.given = Signal(bits, init=self.params.depth)  # the first word for which there is no room yet
        self.ask = Signal()
        self.takes = Signal()  # a new flit goes out
        m.d.comb += [
            self.incoming.ready.eq(1),
            self.comes.eq(self.up & self.incoming.valid & (self.incoming.payload.kind != Kind.TRAINING)),
            self.takes.eq(~self.outgoing.valid | self.outgoing.ready),
            self.status.up.eq(self.up),
        ]
        self._train(m)
        self._send(m)
        self._receive(m)
        return m

    def _train(self, m: Module) -> None:
        """Whether there is a line, and whether the other end knows."""
        flit, params = self.incoming.payload, self.params
        heard = Signal(range(params.training + 1))
        quiet = Signal(range(params.silence))
        is_training = flit.kind == Kind.TRAINING
        m.d.comb += self.hears.eq(heard == params.training)
        with m.If(self.incoming.valid):
            m.d.sync += quiet.eq(0)
            with m.If(self.up & is_training & ~flit.mark):  # the other end does not hear
                m.d.sync += [self.up.eq(0), heard.eq(0)]
            with m.Elif(~self.hears):
                m.d.sync += heard.eq(heard + is_training)  # others were sent before it went down
            with m.Elif(~is_training | flit.mark):
                m.d.sync += self.up.eq(1)
        with m.Elif(quiet == params.silence - 1):
            m.d.sync += [self.up.eq(0), heard.eq(0)]
        with m.Else():
            m.d.sync += quiet.eq(quiet + 1)

    def _send(self, m: Module) -> None:
        """Words into slots, and flits out of them."""
        params, flit = self.params, self.incoming.payload
        slot_bits = (params.window - 1).bit_length()
        shape = self.send.payload.shape()
        m.submodules.slots = slots = Memory(shape=shape, depth=params.window, init=[])
        write, read = slots.write_port(), slots.read_port(domain="comb")

        base = Signal(params.number_bits)
        used = Signal(range(params.window + 1))
        sent = Signal.like(used)
        upcoming = Signal.like(used, name="next")
        limit = Signal(params.number_bits)  # the first word for which the other end has given no credit
        number = Signal(params.number_bits)
        may_send = Signal()
        starts = Signal()
        filled = Signal()
        m.d.comb += [
            self.send.ready.eq(used != params.window),
            filled.eq(self.send.valid & self.send.ready),
            write.en.eq(filled),
            write.addr.eq((base + used)[:slot_bits]),
            write.data.eq(self.send.payload),
            number.eq(base + upcoming),
            read.addr.eq(number[:slot_bits]),
            may_send.eq((upcoming != used) & (number != limit)),
            starts.eq(self.up & self.takes & may_send),
            self.status.outstanding.eq(used),
        ]

        advance = Signal(params.number_bits)
        acknowledged = Signal.like(used)
        restarts = Signal()
        m.d.comb += advance.eq(flit.acknowledge - base)
        with m.If(self.comes):
            m.d.sync += limit.eq(flit.credit)
            with m.If(advance <= sent):
                m.d.comb += acknowledged.eq(advance)

        timer = Signal(range(params.timeout))
        waits = Signal()
        expired = Signal()
        m.d.comb += [
            waits.eq(self.up & (sent != 0) & ~may_send),
            expired.eq(waits & (timer == params.timeout - 1)),
            restarts.eq((self.comes & flit.mark) | expired),
        ]
        m.d.sync += timer.eq(Mux(waits & ~expired & (acknowledged == 0), timer + 1, 0))

        started = Signal(range(params.window + 2))
        m.d.comb += started.eq(upcoming + starts)
        m.d.sync += [
            base.eq(base + acknowledged),
            used.eq(used + filled - acknowledged),
            sent.eq(Mux(started > sent, started, sent) - acknowledged),
            upcoming.eq(Mux(restarts | (started < acknowledged), 0, started - acknowledged)),
        ]
        with m.If(restarts & (sent != acknowledged)):
            m.d.sync += self.counters.replays.eq(self.counters.replays + 1)

        out = self.outgoing.payload
        m.d.sync += self.outgoing.valid.eq(1)
        with m.If(self.takes):
            m.d.sync += [
                out.kind.eq(Mux(self.up, Mux(starts, Kind.DATA, Kind.IDLE), Kind.TRAINING)),
                out.mark.eq(Mux(self.up, self.ask, self.hears)),
                out.number.eq(number),
                out.acknowledge.eq(self.expected),
                out.credit.eq(self.given),
                out.data.eq(Mux(starts, read.data.data, 0)),
            ]

    def _receive(self, m: Module) -> None:
        """Words with the expected number into the queue. There is room: credit was given for no more."""
        flit = self.incoming.payload
        m.submodules.queue = queue = SyncFIFO(width=self.params.width, depth=self.params.depth)
        ahead = Signal(self.params.number_bits)
        asked = Signal()
        is_data = Signal()
        keeps = Signal()
        m.d.comb += [
            ahead.eq(flit.number - self.expected),
            is_data.eq(self.comes & (flit.kind == Kind.DATA)),
            keeps.eq(is_data & (ahead == 0)),
            queue.w_data.eq(flit.data),
            queue.w_en.eq(keeps),
            self.receive.payload.data.eq(queue.r_data),
            self.receive.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.receive.ready),
        ]
        m.d.sync += [
            self.expected.eq(self.expected + keeps),
            self.given.eq(self.given + (self.receive.valid & self.receive.ready)),
            self.counters.ignored.eq(self.counters.ignored + (is_data & ~keeps)),
        ]
        with m.If(self.up & self.takes):
            m.d.sync += self.ask.eq(0)
        with m.If(keeps):
            m.d.sync += [self.ask.eq(0), asked.eq(0)]
        with m.Elif(self.comes & (ahead != 0) & ~ahead[-1] & ~asked):
            m.d.sync += [self.ask.eq(1), asked.eq(1)]


def _crossing(params: Params) -> Crossing:
    """Of checked flits, from the other die's clock, the domain `line`, to this die's."""
    return Crossing(layout(flit(params)), PLACES, "line", "sync")


class Bridge(wiring.Component):
    """An end on its lanes. The domain `sync` is the die's clock, `line` the one that the other die forwards.

    to_line: at `sync`; from_line, runs, dropped and corrected: at `line`. runs: the forwarded clock does; 1
    where it is a clock. dropped: counts flits that were not good, or found no room; it wraps. corrected: a
    good flit comes, in which a lane was put right.
    """

    def __init__(self, params: Params) -> None:
        self.params = replace(params, role=Role.END)
        beat = beat_layout(params.framing)
        ends = signature(CORE, self.params)
        members = {name: ends[name] for name in ("send", "receive", "status", "counters")}
        lanes = {"to_line": Out(beat), "from_line": In(beat), "runs": In(1)}
        lanes["dropped"] = Out(params.counter_bits)
        lanes["corrected"] = Out(1)
        super().__init__({**members, **lanes})
        self.end = End(self.params)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        flits = self.params.framing
        m.submodules.end = end = self.end
        m.submodules.transmitter = transmitter = Transmitter(flits)
        m.submodules.receiver = receiver = DomainRenamer("line")(Receiver(flits))
        m.submodules.crossing = crossing = _crossing(self.params)
        wiring.connect(m, crossing.outgoing, end.incoming)
        wiring.connect(m, wiring.flipped(self.send), end.send)
        wiring.connect(m, end.receive, wiring.flipped(self.receive))
        m.d.comb += [
            self.status.eq(end.status),
            self.counters.eq(end.counters),
            transmitter.input.payload.eq(end.outgoing.payload),
            transmitter.input.valid.eq(end.outgoing.valid),
            end.outgoing.ready.eq(transmitter.input.ready),
            receiver.beat.eq(self.from_line),
            receiver.step.eq(self.runs),
            crossing.incoming.payload.eq(receiver.body),
            crossing.incoming.valid.eq(receiver.arrives),
            self.corrected.eq(receiver.arrives & receiver.corrected),
        ]
        m.d.sync += self.to_line.eq(transmitter.beat)
        lost = receiver.drops | (receiver.arrives & ~crossing.incoming.ready)
        m.d.line += self.dropped.eq(self.dropped + lost)
        return m


def component(params: Params, on_lanes: bool = False) -> Any:
    """The component that embodies `chiplet.bridge`; with `on_lanes` an end on its lanes, as on a die."""
    if on_lanes:
        return Bridge(params)
    if params.role is Role.CROSSING:
        return DomainRenamer({"line": "sync"})(_crossing(params))
    if params.role is Role.COUPLED:
        return Coupled(params, *(End(replace(params, role=Role.END)) for _ in range(2)))
    if params.role is Role.JOINED:
        return Joined(params, *(Bridge(params) for _ in range(2)))
    return End(params)
