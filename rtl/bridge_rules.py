"""What two bridges and the lanes between them must do in each cycle, by `docs/bridge.md`: for a bench.

A bridge puts up with its own faults as with those of a line, so words that arrive say little of it. Here the
rules are kept as counts of words, apart from the hardware, and all that the hardware shows is compared.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.bridge import CORE, Kind, Params, flit

from .fixed import layout

DEGREE, TAPS = 16, (16, 5, 4, 3)
"""Of the scrambler: section 5."""

PLACES = 4
"""Flits that have room between two clocks."""

CROSSING = 4
"""Cycles of the die in which a flit is there and does not come to the end, at most."""


class EndRules(wiring.Component):
    """Sections 3 and 4, of one end.

    takes: a word of `send`. comes: a flit, `came`. offers, leaves: a word of `receive`. shows: a flit,
    `shown`, which is taken when `goes`. broken: it is not what the rules say.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        levels = {name: In(layout(CORE.outputs(params)[name])) for name in ("status", "counters")}
        flits = {name: In(layout(flit(params))) for name in ("came", "shown")}
        bits = {name: In(1) for name in ("ready", "takes", "comes", "offers", "leaves", "shows", "goes")}
        super().__init__({**levels, **flits, **bits, "word": In(params.width), "broken": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        self.up, self.hears, self.tells = Signal(), Signal(), Signal()
        self.kept, self.delivered, self.asks = self._count("kept"), self._count("delivered"), Signal()
        self.makes = Signal()
        self.wrong: list[Value] = []
        m.d.comb += [
            self.makes.eq(~self.shows | self.goes),
            self.tells.eq(self.up & self.comes & (self.came.kind != Kind.TRAINING)),
        ]
        self._line(m)
        self._words_in(m)
        self._flits_out(m)
        m.d.comb += self.broken.eq(Cat(self.wrong).any())
        return m

    def _count(self, name: str) -> Signal:
        """Of words, as far as their numbers go."""
        return Signal(self.params.number_bits, name=name)

    def _must_be(self, shown: Any, expected: Any) -> None:
        self.wrong.append(Value.cast(shown) != expected)

    def _line(self, m: Module) -> None:
        """Section 4: whether there is a line."""
        silence, training = self.params.silence, self.params.training
        since = Signal(range(silence + 1))  # the last good flit
        heard = Signal(range(training + 1))  # flits of TRAINING
        is_training = self.came.kind == Kind.TRAINING
        deaf = is_training & ~self.came.mark
        falls = Mux(self.comes, self.up & deaf, since >= silence - 1)
        m.d.comb += self.hears.eq(heard == training)
        m.d.sync += [
            since.eq(Mux(self.comes, 0, since + (since != silence))),
            heard.eq(Mux(falls, 0, heard + (self.comes & is_training & ~self.hears))),
            self.up.eq(~falls & (self.up | (self.comes & self.hears & ~deaf))),
        ]
        self._must_be(self.status.up, self.up)

    def _words_in(self, m: Module) -> None:
        """Rules 3.2, 3.4 and 3.5: which words are kept, and when what is missing is asked for."""
        ahead, asked, ignored = self._count("ahead"), Signal(), Signal.like(self.counters.ignored)
        is_word, keeps = self.tells & (self.came.kind == Kind.DATA), Signal()
        m.d.comb += [ahead.eq(self.came.number - self.kept), keeps.eq(is_word & (ahead == 0))]
        missing = self.tells & (ahead != 0) & (ahead < 1 << (self.params.number_bits - 1))
        m.d.sync += [
            self.kept.eq(self.kept + keeps),
            self.delivered.eq(self.delivered + self.leaves),
            ignored.eq(ignored + (is_word & ~keeps)),
            asked.eq(~keeps & (asked | missing)),
            self.asks.eq(~keeps & (Mux(self.makes & self.up, 0, self.asks) | (missing & ~asked))),
        ]
        self._must_be(self.offers, self.kept != self.delivered)
        self._must_be(self.counters.ignored, ignored)

    def _flits_out(self, m: Module) -> None:
        """Rules 3.1, 3.3, 3.4 and 3.6: which word is sent, and what each flit says besides."""
        bits, timeout = self.params.number_bits, self.params.timeout
        taken, acknowledged, fresh, following = map(
            self._count, ("taken", "acknowledged", "fresh", "following")
        )
        credit = Signal(bits)
        words = Array(Signal(self.params.width, name=f"word_{i}") for i in range(1 << bits))

        def since(number: Any) -> Value:
            """How many words it is behind what was acknowledged before this cycle."""
            return Value.cast(number - acknowledged)[:bits]

        says, sends, after, waits = self._count("says"), Signal(), self._count("after"), Signal()
        waited, due, again = Signal(range(timeout)), Signal(), Signal()
        possible = (following != taken) & (following != credit)
        m.d.comb += [
            says.eq(acknowledged),
            sends.eq(self.up & self.makes & possible),
            after.eq(following + sends),
            waits.eq(self.up & (fresh != acknowledged) & ~possible),
            due.eq(waits & (waited == timeout - 1)),
            again.eq((self.tells & self.came.mark) | due),
        ]
        with m.If(self.tells):
            m.d.sync += credit.eq(self.came.credit)
            with m.If(since(self.came.acknowledge) <= since(fresh)):
                m.d.comb += says.eq(self.came.acknowledge)
        with m.If(self.takes):
            m.d.sync += words[taken].eq(self.word)
        replays = Signal.like(self.counters.replays)
        m.d.sync += [
            taken.eq(taken + self.takes),
            acknowledged.eq(says),
            fresh.eq(Mux(since(after) > since(fresh), after, fresh)),
            following.eq(Mux(again | (since(says) > since(after)), says, after)),
            waited.eq(Mux(waits & ~due & (says == acknowledged), waited + 1, 0)),
            replays.eq(replays + (again & (fresh != says))),
        ]
        expected, begun = Signal(layout(flit(self.params))), Signal()
        m.d.sync += begun.eq(1)
        with m.If(self.makes):
            m.d.sync += [
                expected.kind.eq(Mux(self.up, Mux(sends, Kind.DATA, Kind.IDLE), Kind.TRAINING)),
                expected.mark.eq(Mux(self.up, self.asks, self.hears)),
                expected.number.eq(following),
                expected.acknowledge.eq(self.kept),
                expected.credit.eq(self.delivered + self.params.depth),
                expected.data.eq(Mux(sends, words[following], 0)),
            ]
        self._must_be(self.shows, begun)
        self.wrong.append(self.shows & (Value.cast(self.shown) != Value.cast(expected)))
        self._must_be(self.ready, since(taken) != self.params.window)
        self._must_be(self.status.outstanding, since(taken))
        self._must_be(self.counters.replays, replays)


class LineRules(wiring.Component):
    """Sections 2, 5 and 7, of one direction, and what is made of wrong lanes by rule 6.1.

    ticks: the clock of the die that sends does, and so the one that it forwards. takes: its transmitter, the
    flit `given`. sent, came, runs: what is put on the lanes, and what is left of it a cycle later.
    reads: the clock of the other die ticks; arrives: the flit `arrived` at its end. dropped, corrected: of
    the bridge there.
    """

    def __init__(self, params: Params, beat: Any) -> None:
        self.params, self.flits = params, params.framing
        bodies = {name: In(self.flits.width) for name in ("given", "arrived")}
        beats = {name: In(beat) for name in ("sent", "came")}
        names = ("ticks", "takes", "runs", "reads", "arrives", "corrected")
        bits = {name: In(1) for name in names}
        super().__init__({**bodies, **beats, **bits, "dropped": In(params.counter_bits), "broken": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        self.body, self.place = Signal(self.flits.width), Signal(range(self.flits.beats))
        self.body_before = Signal.like(self.body)  # of the beat that comes
        self.body_begun = Signal.like(self.body)  # of the flit that began to come
        self.sending, self.ends, self.ended, self.full = Signal(), Signal(), Signal(), Signal()
        self.wrong: list[Value] = []
        self._send(m)
        self._receive(m)
        self._arrive(m)
        m.d.comb += self.broken.eq(Cat(self.wrong).any())
        return m

    def _send(self, m: Module) -> None:
        """Flits without a gap. Of what they are, all but the CRC and check bits, which the far end judges."""
        flits, lanes, place, sending = self.flits, self.params.lanes, self.place, self.sending
        taken, soon = Signal.like(self.body), Signal()
        with m.If(self.ticks):
            m.d.sync += [soon.eq(self.takes), place.eq(Mux(soon, 0, place + 1))]
            with m.If(self.takes):
                m.d.sync += taken.eq(self.given)
            with m.If(soon):
                m.d.sync += [self.body.eq(taken), sending.eq(1)]
        beats = [self.body[i : i + lanes] for i in range(0, flits.width, lanes)]
        zeros = flits.body_beats - len(beats)
        plain = Array([Const(0, lanes)] * flits.seed_beats + beats + [Const(0, lanes)] * (1 + zeros))
        data = plain[place] ^ (self._stream(m) if flits.scrambled else 0)
        known = place < flits.seed_beats + flits.body_beats
        self.wrong += [
            self.ticks & sending & (soon != (place == flits.beats - 1)),
            self.sent.frame != (sending & (place == 0)),
            sending & known & (self.sent.data != data),
        ]

    def _stream(self, m: Module) -> Value:
        """Of the scrambler: it is never reset."""
        known = Signal(DEGREE, init=-1)
        stream = list(known)
        for _ in range(self.params.lanes):
            stream.append(Cat(stream[-tap] for tap in TAPS).xor())
        with m.If(self.ticks & self.sending):
            m.d.sync += known.eq(Cat(stream[-DEGREE:]))
        return Cat(stream[DEGREE:])

    def _receive(self, m: Module) -> None:
        """Rules 2.4, 7.2 and 7.4: a flit that begins is good and has room, or is counted when it ends or
        another one begins.

        It is good if its first beat came as such, and each beat that came, but for as many wrong lanes as can
        be put right, is that of the flit as it was sent. It need not be the same one: where a line stands
        still before the last beat of a flit and goes on in another, that beat is now and then equal.
        """
        flits = self.flits
        before, place_before, ticked = Signal.like(self.sent), Signal.like(self.place), Signal()
        m.d.sync += [
            before.eq(self.sent),
            place_before.eq(self.place),
            self.body_before.eq(self.body),
            ticked.eq(self.ticks),
        ]
        begun, place, following = Signal(), Signal.like(self.place), Signal.like(self.place)
        good, good_before = Signal(), Signal()
        touched, touched_before = Signal(), Signal()
        whole = Array(Signal.like(self.sent, name=f"beat_{i}") for i in range(flits.beats))  # as it was sent
        starts, own, own_before = Signal(), Signal(), Signal()  # the lanes have a beat of it, whatever comes
        first, expected = self.came.frame, Signal.like(self.sent)
        differs: Any = Cat(expected.data ^ self.came.data, expected.check ^ self.came.check)
        bearable = sum(differs) <= (1 if self.params.protected else 0)
        belongs, cut = self.runs & (begun | first), self.runs & first & begun
        complete = belongs & (place == flits.beats - 1)
        m.d.comb += [
            place.eq(Mux(first, 0, following)),
            starts.eq(self.runs & first & before.frame),
            own.eq(starts | (own_before & ~before.frame)),
            expected.eq(Mux(own & (place == place_before), before, Value.cast(whole[place]))),
            good.eq(bearable & Mux(first, starts, good_before)),
            touched.eq(differs.any() | (touched_before & ~first)),
            self.ends.eq(complete & good),
        ]
        with m.If(ticked):
            m.d.sync += own_before.eq(own)
            with m.If(own):
                m.d.sync += whole[place_before].eq(before)
        with m.If(starts):
            m.d.sync += self.body_begun.eq(self.body_before)
        with m.If(belongs):
            m.d.sync += [
                begun.eq(~complete),
                following.eq(place + 1),
                good_before.eq(good),
                touched_before.eq(touched),
            ]
        bad, corrected, dropped = Signal(), Signal(), Signal.like(self.dropped)
        m.d.sync += [
            self.ended.eq(self.ends),
            bad.eq(complete & ~self.ends),
            corrected.eq(self.ends & touched),
            dropped.eq(dropped + (bad | cut | (self.ended & self.full))),
        ]
        self.wrong += [self.dropped != dropped, self.corrected != corrected]

    def _arrive(self, m: Module) -> None:
        """A good flit that has room comes to the end as it was sent, once, in order and soon; no other does.

        There is room for `PLACES` flits; that one has left is known to the line two cycles later.
        """
        m.submodules.expected = expected = SyncFIFO(width=len(self.body), depth=PLACES)
        came, left = Signal.like(self.body), Signal(2)
        held, waited = Signal(range(PLACES + 1)), Signal(range(CROSSING + 1))
        arrives = self.reads & self.arrives
        m.d.comb += [
            self.full.eq(held == PLACES),
            expected.w_data.eq(came),
            expected.w_en.eq(self.ended & ~self.full),
            expected.r_en.eq(arrives),
        ]
        m.d.sync += [
            came.eq(self.body_begun),
            left.eq(Cat(arrives, left)),
            held.eq(held + expected.w_en - left[1]),
            waited.eq(Mux(arrives | ~expected.r_rdy, 0, waited + (self.reads & (waited != CROSSING)))),
        ]
        self.wrong += [
            waited == CROSSING,
            arrives & (~expected.r_rdy | (self.arrived != expected.r_data)),
        ]
