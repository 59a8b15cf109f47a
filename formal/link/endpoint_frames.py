"""Frames and the session of `link.endpoint`, as its proofs follow them, for packets of one beat.

Packets are counted without end, here modulo 16; their numbers are these counts modulo 2^number_bits. The
other end is free, but for what is assumed of it, and that is what is claimed of this end: it acknowledges
only what it has, and sends packets under their own numbers. Of the line it is assumed only that no frame
comes too late, not when one comes, how often, or whether.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.link.protocol import Kind

from ..properties import Inside, assume, helper

COUNT_BITS = 4


def count(name: str, bits: int = COUNT_BITS) -> Signal:
    """A count of packets."""
    return Signal(bits, name=name)


def distance(to: Any, since: Any) -> Value:
    """How many packets later `to` is than `since`; of counts of few packets between them."""
    return (Value.cast(to) - since)[:COUNT_BITS]


class Frames:
    """The frames of a stream: which beat is passing, and what the header was."""

    def __init__(self, m: Module, port: Any, name: str) -> None:
        self.passes = port.valid & port.ready
        self.beat = port.payload
        self.place = Signal(2, name=f"{name}_place")
        self.kind = Signal.like(port.payload.data, name=f"{name}_kind")
        self.session = Signal.like(port.payload.data, name=f"{name}_session")
        with m.If(self.passes):
            m.d.sync += self.place.eq(Mux(self.beat.last, 0, self.place + (self.place != 3)))
            with m.If(self.place == 0):
                m.d.sync += self.kind.eq(self.beat.data)
            with m.If(self.place == 1):
                m.d.sync += self.session.eq(self.beat.data)
        self.at_number = self.passes & (self.place == 2)
        self.at_packet = self.passes & (self.place == 3)

    def is_a(self, *kinds: Kind) -> Value:
        """The frame is of one of these kinds."""
        return Cat(self.kind == kind for kind in kinds).any()


class Link:
    """A board's endpoint as it is seen from outside: frames in, frames out, its session."""

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        self.core, self.params = core, core.params
        self.arriving = Frames(m, core.incoming, "arriving")
        self.leaving = Frames(m, core.outgoing, "leaving")
        self.begin = inside.wire("begin")
        self.session = core.session.number
        self.own = (self.session != 0) & (self.arriving.session == self.session)

        before = Signal(name="of_the_session_before")
        m.d.comb += before.eq(self.old(m))
        self.before = before
        self.leaves_now = (self.leaving.session == self.session) & ~before
        self._assume_new_sessions(m, inside)
        self._describe(m, inside)

    def old(self, m: Module) -> Value:
        """The frame that leaves was begun before the session."""
        kept = Signal(name="begun_before")
        begun_before = kept | (self.core.session.begins & self.core.outgoing.valid)
        ends = self.leaving.passes & self.leaving.beat.last
        m.d.sync += kept.eq(begun_before & ~ends & self.core.outgoing.valid)
        with m.If(self.begin):
            m.d.sync += kept.eq(0)
        return begun_before

    def _assume_new_sessions(self, m: Module, inside: Inside) -> None:
        leaves = ~inside.in_state("IDLE", "sender")
        of_frame = inside.register("sent_session")
        again = leaves & (self.arriving.session == of_frame)
        assume(m, "no session begins anew while a frame of it leaves", ~(self.begin & again))
        assume(m, "no two sessions begin while one frame leaves", ~(self.begin & self.before))
        helper(m, "what was begun before has that session", of_frame != self.session, when=self.before)

    def _describe(self, m: Module, inside: Inside) -> None:
        """The state machines are where the frames are."""
        receiver, sender = "receiver", "sender"
        arriving, leaving = self.arriving, self.leaving
        for place, state in enumerate(("KIND", "SESSION", "NUMBER", "PACKET")):
            helper(m, f"arriving {state}", inside.in_state(state, receiver) == (arriving.place == place))
            now = inside.in_state(state, sender)
            if place:
                helper(m, f"leaving {state}", now == (leaving.place == place))
            else:
                idle = inside.in_state("IDLE", sender)
                helper(m, "leaving KIND", (idle | now) == (leaving.place == 0))
                helper(m, "idle or not", ~(idle & now))
        helper(m, "arrived kind", inside.register("arrived_kind") == arriving.kind, when=arriving.place != 0)
        session = inside.register("arrived_session")
        helper(m, "arrived session", session == arriving.session, when=arriving.place > 1)
        kind = inside.register("sent_kind")
        helper(m, "sent kind", Value.cast(kind) == leaving.kind, when=leaving.place != 0)
        taken = inside.register("sent_session")
        helper(m, "sent session", taken == leaving.session, when=leaving.place > 1)
        data = inside.register("sending_data")
        busy = ~inside.in_state("IDLE", sender)
        helper(m, "data are packets", data == (busy & (Value.cast(kind) == Kind.DATA)))
        helper(m, "packets are data", data, when=inside.in_state("PACKET", sender))
        helper(m, "frames are of the session", taken == self.session, when=busy & ~self.before)
        helper(m, "open", inside.register("session_open") == (self.session != 0))
        helper(m, "session", inside.register("session_number") == self.session)


def packets_of_one_beat(m: Module, link: Link, inside: Inside) -> None:
    """Helps: the slots of packets are filled in order, and each holds one beat."""
    window = link.params.window
    base, used = inside.register("base"), inside.register("used")
    begun, upcoming = inside.register("sent"), inside.register("next")
    helper(m, "order", (upcoming <= begun) & (begun <= used) & (used <= window))
    for place in range(window):
        word = inside.memory("slots", (base + place)[: max(1, (window - 1).bit_length())])
        helper(m, f"slot {place} has one beat", word.last, when=used > place)
    word = inside.memory("slots", inside.register("sent_number"))
    helper(m, "the slot that is sent has one beat", word.last, when=inside.register("sending_data"))
    last = inside.read_data("slots").last
    helper(m, "what is sent has one beat", last, when=inside.in_state("PACKET", "sender"))
