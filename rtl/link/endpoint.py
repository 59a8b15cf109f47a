"""One end of a link in hardware. What it does is told in `models/link/endpoint.py` and `docs/link.md`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from spikelock.models.link.endpoint import CORE, HEADER, Params, Role
from spikelock.models.link.protocol import VERSION, Kind

from ..faulty_line import FaultyLine
from ..packet_buffer import PacketBuffer
from ..ports import signature


class Endpoint(wiring.Component):
    """Ports as declared in `models/link/endpoint.py`. `incoming` is always ready.

    Packets are numbered modulo 2^number_bits. `base` is the oldest that is not acknowledged; from there,
    `used` packets are in their slots, `sent` of them have been sent, and `next` is the one to be sent next:
    0 ≤ next ≤ sent ≤ used ≤ window. The slot of a packet is its number modulo the window.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        self.number = Signal(self.params.session_bits, name="session_number")
        self.open = Signal(name="session_open")
        self.begin = Signal()
        self.begins = Signal()
        self.reply = Signal()
        self.acknowledge = Signal()
        self.ask = Signal()
        self.expected = Signal(self.params.number_bits)
        self.acknowledged = Signal(range(self.params.window + 1))
        self.rewind = Signal()
        self.base = Signal(self.params.number_bits)
        self.sent = Signal(range(self.params.window + 1))
        self.expired = Signal()
        self.opening = Signal(init=1)
        self.doubted = Signal()

        m.submodules.buffer = self.buffer = PacketBuffer(self.receive.payload.shape(), self.params.longest)
        self._send(m)
        self._receive(m)

        m.d.sync += self.begins.eq(self.begin)
        m.d.comb += [
            self.session.number.eq(Mux(self.open, self.number, 0)),
            self.session.begins.eq(self.begins),
        ]
        return m

    def _send(self, m: Module) -> None:
        """Packets into slots, and frames out of them; answers and acknowledgements between two packets."""
        params = self.params
        slot_bits = (params.window - 1).bit_length()
        index_bits = (params.longest - 1).bit_length()
        beat = self.send.payload.shape()
        m.submodules.slots = slots = Memory(shape=beat, depth=1 << (slot_bits + index_bits), init=[])
        write, read = slots.write_port(), slots.read_port()

        base, sent = self.base, self.sent
        used = Signal.like(sent)
        upcoming = Signal.like(sent, name="next")
        filled = Signal()
        starts = Signal()
        restarts = Signal()
        kind = Signal(Kind, name="sent_kind")
        session = Signal.like(self.number, name="sent_session")
        number = Signal(params.number_bits, name="sent_number")
        read_index = Signal(index_bits)
        fill_index = Signal(index_bits)
        fill_slot = (base + used)[:slot_bits]
        sending_data = Signal()

        # a slot is not filled anew while what was in it is still being sent, acknowledged or not
        in_use = sending_data & (number[:slot_bits] == fill_slot)
        at_end = self.send.payload.last | (fill_index == params.longest - 1)
        m.d.comb += [
            self.send.ready.eq(self.open & ~self.begins & (used != params.window) & ~in_use),
            write.en.eq(self.send.valid & self.send.ready),
            write.addr.eq(Cat(fill_index, fill_slot)),
            write.data.data.eq(self.send.payload.data),
            write.data.last.eq(at_end),
            filled.eq(write.en & at_end),
        ]
        with m.If(write.en):
            m.d.sync += fill_index.eq(Mux(at_end, 0, fill_index + 1))

        timer = Signal(range(params.timeout))
        waiting = Signal()
        m.d.comb += [
            waiting.eq(~self.open | ((sent != 0) & (upcoming == sent) & ~sending_data)),
            self.expired.eq(waiting & (timer == params.timeout - 1)),
            restarts.eq(self.rewind | (self.open & self.expired)),
        ]
        m.d.sync += timer.eq(Mux(waiting & ~self.expired & (self.acknowledged == 0), timer + 1, 0))

        started = Signal(range(params.window + 2))
        m.d.comb += started.eq(upcoming + starts)
        m.d.sync += [
            base.eq(base + self.acknowledged),
            used.eq(used + filled - self.acknowledged),
            sent.eq(Mux(started > sent, started, sent) - self.acknowledged),
            upcoming.eq(Mux(restarts | (started < self.acknowledged), 0, started - self.acknowledged)),
        ]
        with m.If(restarts & (sent != self.acknowledged)):
            m.d.sync += self.counters.replays.eq(self.counters.replays + 1)

        turn = Signal()  # of a packet: something else was sent last
        ask, answer = self.open & self.ask & self.buffer.room, self.open & self.acknowledge
        others = self.reply | ask | answer
        packet = self.open & (upcoming != used)
        out = self.outgoing
        m.d.comb += read.addr.eq(Cat(read_index, number[:slot_bits]))
        with m.FSM(name="sender"):
            with m.State("IDLE"):
                m.d.sync += [session.eq(self.number), read_index.eq(0)]
                with m.If(packet & (turn | ~others)):
                    m.d.comb += starts.eq(1)
                    m.next = "KIND"
                with m.Elif(ask):
                    m.d.sync += [kind.eq(Kind.REPEAT), number.eq(self.expected), self.ask.eq(0)]
                    m.next = "KIND"
                with m.Elif(answer):
                    m.d.sync += [kind.eq(Kind.ACKNOWLEDGE), number.eq(self.expected), self.acknowledge.eq(0)]
                    m.next = "KIND"
                with m.Elif(self.reply):
                    m.d.sync += [kind.eq(Kind.OPENED), number.eq(VERSION), self.reply.eq(0)]
                    m.next = "KIND"
                if params.role is Role.HOST:
                    with m.Elif(
                        ~self.open & self.opening
                    ):  # without a session it asks which one the board is in
                        asks = self.number == 0
                        m.d.sync += [
                            kind.eq(Mux(asks, Kind.ACKNOWLEDGE, Kind.OPEN)),
                            number.eq(Mux(asks, 0, VERSION)),
                            self.opening.eq(0),
                        ]
                        m.next = "KIND"
                with m.If(starts):
                    next_number = (base + upcoming)[: params.number_bits]
                    m.d.sync += [kind.eq(Kind.DATA), number.eq(next_number), sending_data.eq(1)]
            with m.State("KIND"):
                m.d.sync += turn.eq(~sending_data)
                m.d.comb += [out.valid.eq(1), out.payload.data.eq(kind)]
                with m.If(out.ready):
                    m.next = "SESSION"
            with m.State("SESSION"):
                m.d.comb += [out.valid.eq(1), out.payload.data.eq(session)]
                with m.If(out.ready):
                    m.next = "NUMBER"
            with m.State("NUMBER"):
                m.d.comb += [
                    out.valid.eq(1),
                    out.payload.data.eq(number),
                    out.payload.last.eq(~sending_data),
                    read.en.eq(out.ready),
                ]
                with m.If(out.ready):
                    m.d.sync += read_index.eq(1)
                    m.next = "PACKET"
                    with m.If(~sending_data):
                        m.next = "IDLE"
            with m.State("PACKET"):
                m.d.comb += [out.valid.eq(1), out.payload.eq(read.data), read.en.eq(out.ready)]
                with m.If(out.ready):
                    m.d.sync += read_index.eq(read_index + 1)
                    with m.If(read.data.last):
                        m.d.sync += sending_data.eq(0)
                        m.next = "IDLE"
        with m.If(~self.open & self.expired):
            m.d.sync += self.opening.eq(1)
        with m.If(self.begin):
            m.d.sync += [register.eq(0) for register in (base, used, sent, upcoming, fill_index, timer)]
            m.d.sync += [register.eq(0) for register in (self.acknowledge, self.ask)]

    def _receive(self, m: Module) -> None:
        """Frames in: packets with the expected number into the buffer, acknowledgements to the sender."""
        params, incoming = self.params, self.incoming
        beat, arrives = incoming.payload, incoming.valid
        kind = Signal(params.width, name="arrived_kind")
        session = Signal.like(self.number, name="arrived_session")
        asked = Signal()
        storing = Signal()
        ignored = Signal()
        number = Signal(params.number_bits, name="arrived_number")
        ahead = Signal(params.number_bits)
        advance = Signal(params.number_bits)
        own = Signal()
        m.d.comb += [
            incoming.ready.eq(1),
            number.eq(beat.data),
            ahead.eq(number - self.expected),
            advance.eq(number - self.base),
            own.eq(self.open & (session == self.number)),
            self.buffer.beat.eq(beat),
            self.buffer.clear.eq(self.begin),
        ]
        with m.FSM(name="receiver") as self._receiver:
            with m.State("KIND"):
                m.d.sync += kind.eq(beat.data)
                with m.If(arrives & beat.last):
                    m.d.comb += ignored.eq(1)
                with m.Elif(arrives):
                    m.next = "SESSION"
            with m.State("SESSION"):
                m.d.sync += session.eq(beat.data)
                with m.If(arrives):
                    m.next = "NUMBER"
                    with m.If(beat.last):
                        m.d.comb += ignored.eq(1)
                        m.next = "KIND"
            with m.State("NUMBER"), m.If(arrives):
                m.next = "KIND"
                with m.If(~beat.last):
                    m.next = "PACKET"
                is_data = (kind == Kind.DATA) & ~beat.last
                is_word = ((kind == Kind.ACKNOWLEDGE) | (kind == Kind.REPEAT)) & beat.last
                with m.If(own & is_data):
                    m.d.sync += storing.eq(ahead == 0)
                    with m.If(ahead[-1]):  # already delivered
                        m.d.comb += ignored.eq(1)
                        m.d.sync += self.acknowledge.eq(1)
                    with m.Elif(ahead != 0):
                        m.d.comb += ignored.eq(1)
                        with m.If(~asked):
                            m.d.sync += [self.ask.eq(1), asked.eq(1)]
                with m.Elif(own & is_word & (advance <= self.sent)):
                    m.d.comb += [self.acknowledged.eq(advance), self.rewind.eq(kind == Kind.REPEAT)]
                with m.Else():
                    self._session(m, kind, session, beat, ignored)
            with m.State("PACKET"):
                m.d.comb += self.buffer.write.eq(arrives & storing)
                with m.If(arrives & beat.last):
                    m.d.sync += storing.eq(0)
                    m.next = "KIND"
                    with m.If(self.buffer.kept):
                        m.d.sync += [self.expected.eq(self.expected + 1), self.acknowledge.eq(1)]
                        m.d.sync += [self.ask.eq(0), asked.eq(0)]
                    with m.Elif(storing):  # no room: it is asked for when there is
                        m.d.comb += ignored.eq(1)
                        m.d.sync += [self.ask.eq(1), asked.eq(1)]

        if params.role is Role.HOST:
            self._doubt(m, own & arrives & self._receiver.ongoing("NUMBER"))
        m.d.comb += [
            self.receive.payload.eq(self.buffer.output.payload),
            self.receive.valid.eq(self.buffer.output.valid & ~self.begins),
            self.buffer.output.ready.eq(self.receive.ready & ~self.begins),
        ]
        with m.If(ignored):
            m.d.sync += self.counters.ignored.eq(self.counters.ignored + 1)
        with m.If(self.begin):
            m.d.sync += [self.expected.eq(0), asked.eq(0)]

    def _doubt(self, m: Module, own: Any) -> None:
        """A host gives a session up that the board does not have, twice in a row when all was sent again.

        Once is not enough: the line may have held an answer back from before the session.
        """
        twice = Signal()
        with m.If(self.open & self.expired):
            m.d.sync += [twice.eq(self.doubted), self.doubted.eq(0)]
            with m.If(self.doubted & twice):
                m.d.sync += [self.open.eq(0), self.number.eq(0), self.opening.eq(1)]
        with m.If(own | ~self.open):
            m.d.sync += [twice.eq(0), self.doubted.eq(0)]

    def _session(self, m: Module, kind: Any, session: Any, beat: Any, ignored: Any) -> None:
        """A frame that is neither a packet nor an acknowledgement of this session."""
        same_rules = beat.data == Const(VERSION, len(beat.data))
        if self.params.role is Role.BOARD:
            with m.If((kind == Kind.OPEN) & beat.last):
                m.d.sync += self.reply.eq(1)
                with m.If(same_rules & (session != 0) & (session != self.number)):
                    m.d.comb += self.begin.eq(1)
                    m.d.sync += [self.number.eq(session), self.open.eq(1)]
            with m.Else():
                foreign = (session != self.number) | ~self.open
                m.d.comb += ignored.eq(1)
                with m.If((kind != Kind.OPENED) & foreign):
                    m.d.sync += self.reply.eq(1)
            return
        with m.If((kind == Kind.OPENED) & beat.last & ~self.open):
            with m.If(self.number == 0):  # that is the board's: another one is chosen
                following = (session + 1)[: len(session)]
                m.d.sync += [self.number.eq(Mux(following == 0, 1, following)), self.opening.eq(1)]
            with m.Elif((session == self.number) & same_rules):
                m.d.comb += self.begin.eq(1)
                m.d.sync += self.open.eq(1)
        with m.Else():
            m.d.comb += ignored.eq(1)
            with m.If(self.open & (session != self.number)):
                m.d.sync += self.doubted.eq(kind == Kind.OPENED)


class Joined(wiring.Component):
    """A host and a board, and between them a line in each direction that does what it is told."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.host = host = Endpoint(replace(self.params, role=Role.HOST))
        m.submodules.board = board = Endpoint(replace(self.params, role=Role.BOARD))
        beat = self.to_board.payload.shape()
        m.submodules.line_to_board = to_board = FaultyLine(beat, self.params.longest + HEADER)
        m.submodules.line_to_host = to_host = FaultyLine(beat, self.params.longest + HEADER)
        wiring.connect(m, host.outgoing, to_board.input)
        wiring.connect(m, to_board.output, board.incoming)
        wiring.connect(m, board.outgoing, to_host.input)
        wiring.connect(m, to_host.output, host.incoming)
        wiring.connect(m, wiring.flipped(self.to_board), host.send)
        wiring.connect(m, wiring.flipped(self.to_host), board.send)
        wiring.connect(m, wiring.flipped(self.faults_to_board), to_board.faults)
        wiring.connect(m, wiring.flipped(self.faults_to_host), to_host.faults)
        wiring.connect(m, host.receive, wiring.flipped(self.at_host))
        wiring.connect(m, board.receive, wiring.flipped(self.at_board))
        return m


def component(params: Params) -> Endpoint | Joined:
    """The component that embodies `link.endpoint`."""
    return Joined(params) if params.role is Role.JOINED else Endpoint(params)
