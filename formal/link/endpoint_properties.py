"""What is claimed of `link.endpoint`, for packets of one beat.

Packets are counted without end, here modulo 16; their numbers are these counts modulo 2^number_bits. The
other end is free, but for what is assumed of it, and that is what is claimed of this end: it acknowledges
only what it has, and sends packets under their own numbers. Of the line it is assumed only that no frame
comes too late, not when one comes, how often, or whether.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.link.protocol import VERSION, Kind

from ..properties import Inside, assume, claim, cover, helper

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


def sending(m: Module, core: Any, inside: Inside) -> None:
    """Every packet is kept until it is acknowledged, and sent as it was taken, under its own number."""
    link = Link(m, core, inside)
    params, arriving, leaving = link.params, link.arriving, link.leaving
    window, numbers = params.window, 1 << params.number_bits
    taken, acknowledged, sent = count("taken"), count("acknowledged_so_far"), count("sent_so_far")
    chosen, content = count("chosen"), Signal.like(core.send.payload.data, name="content")
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    accepted = core.send.valid & core.send.ready

    number = leaving.beat.data[: params.number_bits]
    behind = (sent - number)[: params.number_bits]
    which = count("which_is_sent")
    is_packet = leaving.is_a(Kind.DATA) & link.leaves_now
    with m.If(accepted):
        m.d.sync += taken.eq(taken + 1)
        with m.If(taken == chosen):
            m.d.sync += content.eq(core.send.payload.data)
    with m.If(leaving.at_number):
        m.d.sync += which.eq(sent - behind)
    with m.If(leaving.at_packet & is_packet & (which == sent)):
        m.d.sync += sent.eq(sent + 1)

    # of the other end: how many packets it has, when it sends an acknowledgement that comes now
    has = count("other_end_has")
    m.d.comb += has.eq(AnySeq(has.shape()))
    acknowledges = (
        arriving.at_number & arriving.beat.last & link.own & arriving.is_a(Kind.ACKNOWLEDGE, Kind.REPEAT)
    )
    late = distance(acknowledged, has)
    early = distance(has, acknowledged)
    outstanding = distance(sent, acknowledged)
    assume(
        m,
        "an acknowledgement names what it acknowledges",
        ~acknowledges | (has[: params.number_bits] == arriving.beat.data[: params.number_bits]),
    )
    assume(
        m,
        "an acknowledgement comes before so many others that numbers repeat",
        ~acknowledges | (late < numbers - window) | (early <= window),
    )
    sending_new = Signal()
    assume(
        m,
        "a packet is not acknowledged while it is sent for the first time",
        ~(acknowledges & sending_new & (early == outstanding + 1)),
    )
    with m.If(acknowledges & (early <= outstanding)):
        m.d.sync += acknowledged.eq(has)
    rewound, starts = Signal(), inside.wire("starts")
    with m.If(starts):
        m.d.sync += rewound.eq(0)
    with m.If(acknowledges & (early <= outstanding) & arriving.is_a(Kind.REPEAT)):
        m.d.sync += rewound.eq(1)
    with m.If(link.begin):
        m.d.sync += [taken.eq(0), acknowledged.eq(0), sent.eq(0), rewound.eq(0)]

    claim(
        m,
        "no more packets are outstanding than the window has",
        (distance(taken, acknowledged) <= window) & (distance(sent, acknowledged) + sending_new <= window),
    )
    oldest = inside.register("next") == 0
    claim(m, "what is asked for is sent again from the oldest on", oldest, when=rewound & starts)
    helper(m, "the oldest is next", oldest, when=rewound)
    claim(
        m,
        "what is sent is a packet of the window, or the next new one",
        (behind <= window) & ((behind != 0) | (sent != taken)),
        when=leaving.at_number & is_packet,
    )
    claim(
        m,
        "a packet is sent as it was taken, whole, and under its own number",
        (leaving.beat.data == content) & leaving.beat.last,
        when=leaving.at_packet & is_packet & (which == chosen),
    )
    _describe_sender(m, link, inside, taken, acknowledged, sent, sending_new, which, chosen, content)

    again = leaving.at_packet & is_packet & (which != sent)
    cover(m, "a packet is sent again", again & (which == chosen) & (chosen == 1))
    cover(m, "an acknowledged packet is still being sent", again & (distance(acknowledged, which) == 1))
    late_by_most = late == numbers - window - 1
    cover(m, "an acknowledgement comes late", acknowledges & late_by_most & (acknowledged == window))
    cover(m, "numbers begin anew", leaving.at_packet & is_packet & (which == numbers))


def _describe_sender(
    m: Module,
    link: Link,
    inside: Inside,
    taken: Signal,
    acknowledged: Signal,
    sent: Signal,
    sending_new: Signal,
    which: Signal,
    chosen: Signal,
    content: Signal,
) -> None:
    params, window = link.params, link.params.window
    base, used = inside.register("base"), inside.register("used")
    begun = inside.register("sent")
    number, data = inside.register("sent_number"), inside.register("sending_data")
    current = data & ~link.before
    behind = (sent - number)[: params.number_bits]
    sends = distance(sent, behind)
    m.d.comb += sending_new.eq(current & (behind == 0))

    helper(m, "base", base == acknowledged[: params.number_bits])
    helper(m, "used", used == distance(taken, acknowledged))
    helper(m, "begun", begun == distance(sent, acknowledged) + sending_new)
    helper(m, "sent after acknowledged", distance(sent, acknowledged) <= window)
    helper(m, "what is being sent", (behind <= window) & ((behind != 0) | (sent != taken)), when=current)
    helper(m, "its slot is left alone", distance(taken, sends) <= window, when=current)
    helper(m, "it was taken", distance(taken, sends) != 0, when=current)
    helper(m, "which", which == sends, when=current & (link.leaving.place == 3))
    helper(m, "no session, no packets", taken == 0, when=link.session == 0)
    helper(m, "no session, no frames of it", ~current, when=link.session == 0)

    kept = distance(chosen, acknowledged) < distance(taken, acknowledged)
    held = kept | (current & (chosen == sends))
    slot = inside.memory("slots", chosen)
    helper(m, "the chosen packet is in its slot", (slot.data == content) & slot.last, when=held)
    read = inside.read_data("slots")
    reading = inside.in_state("PACKET", "sender")
    helper(m, "it is read", read.data == content, when=reading & current & (chosen == sends))
    _packets_of_one_beat(m, link, inside)


def _packets_of_one_beat(m: Module, link: Link, inside: Inside) -> None:
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


def receiving(m: Module, core: Any, inside: Inside) -> None:
    """Each packet is delivered once, in order, as it was sent; only what is delivered is acknowledged."""
    link = Link(m, core, inside)
    params, arriving, leaving = link.params, link.arriving, link.leaving
    half = 1 << (params.number_bits - 1)
    kept, delivered = count("kept_so_far"), count("delivered_so_far")
    chosen, content = count("chosen"), Signal.like(core.receive.payload.data, name="content")
    m.d.comb += [chosen.eq(AnyConst(chosen.shape())), content.eq(AnyConst(content.shape()))]

    # of the other end: which packet it is whose number comes now
    comes, which = count("which_comes"), count("which_came")
    m.d.comb += comes.eq(AnySeq(comes.shape()))
    is_packet = arriving.is_a(Kind.DATA) & link.own
    starts = arriving.at_number & is_packet & ~arriving.beat.last
    assume(
        m,
        "a packet has its own number",
        ~starts | (comes[: params.number_bits] == arriving.beat.data[: params.number_bits]),
    )
    assume(
        m,
        "a packet comes before so many others that numbers repeat",
        ~starts | (distance(comes, kept) < params.window) | (distance(kept, comes) <= half),
    )
    with m.If(starts):
        m.d.sync += which.eq(comes)
    of_session = is_packet & (arriving.place == 3)
    ends = arriving.at_packet & of_session
    assume(m, "packets have one beat", ~ends | arriving.beat.last)
    assume(
        m,
        "a packet is not changed: its CRC was right",
        ~(ends & (which == chosen)) | (arriving.beat.data == content),
    )
    keeps = inside.wire("buffer.kept")
    leaves = core.receive.valid & core.receive.ready
    m.d.sync += [kept.eq(kept + keeps), delivered.eq(delivered + leaves)]
    known = count("kept_before_it_leaves")
    with m.If(~core.outgoing.valid):
        m.d.sync += known.eq(kept)
    with m.If(link.begin):
        m.d.sync += [kept.eq(0), delivered.eq(0)]

    claim(m, "what is kept is the packet that is expected", ends & (which == kept), when=keeps)
    claim(m, "what is delivered was kept, once", kept != delivered, when=core.receive.valid)
    claim(
        m,
        "packets are delivered as they were sent, in order",
        (core.receive.payload.data == content) & core.receive.payload.last,
        when=core.receive.valid & (delivered == chosen),
    )
    answers = leaving.at_number & link.leaves_now & leaving.is_a(Kind.ACKNOWLEDGE, Kind.REPEAT)
    claim(
        m,
        "what is acknowledged is kept",
        leaving.beat.data == known[: params.number_bits],
        when=answers,
    )
    _describe_receiver(m, link, inside, kept, delivered, known, which, chosen, content)

    cover(m, "a packet comes twice", ends & (distance(kept, which) == 1))
    cover(m, "a packet comes too early", ends & (distance(which, kept) == 1))
    cover(m, "a packet comes late, and numbers all but repeat", ends & (distance(kept, which) == half))
    cover(m, "there is no room", ends & (which == kept) & ~keeps)
    cover(m, "a packet is delivered when numbers have begun anew", leaves & (delivered == 2 * half))


def _describe_receiver(
    m: Module,
    link: Link,
    inside: Inside,
    kept: Signal,
    delivered: Signal,
    known: Signal,
    which: Signal,
    chosen: Signal,
    content: Signal,
) -> None:
    params, arriving = link.params, link.arriving
    expected, storing = inside.register("expected"), inside.register("storing")
    begun, fetched = inside.register("buffer.begun"), inside.register("buffer.fetched")
    shown = inside.register("buffer.shown")
    held = distance(kept, delivered)
    in_memory = (begun - fetched)[: len(begun)]
    is_packet = arriving.is_a(Kind.DATA) & link.own & (arriving.place == 3)
    near = (distance(which, kept) < params.window) | (distance(kept, which) <= 1 << (params.number_bits - 1))

    helper(m, "expected", expected == kept[: params.number_bits])
    helper(m, "storing", storing == (is_packet & (which == kept)))
    helper(m, "what comes is near", near, when=is_packet)
    helper(m, "buffer", in_memory + shown == held)
    helper(m, "buffer's size", in_memory <= 2)
    helper(m, "whole packets", inside.register("buffer.written") == begun)
    helper(m, "no overflow", ~inside.register("buffer.overflowed"))
    helper(m, "no session, nothing kept", (kept == 0) & (delivered == 0), when=link.session == 0)

    at = (fetched + distance(chosen, delivered) - shown)[0]
    word, read = inside.memory("buffer.memory", at), inside.read_data("buffer.memory")
    in_buffer = distance(chosen, delivered) < held
    first = chosen == delivered
    helper(m, "it is kept", (word.data == content) & word.last, when=in_buffer & ~(first & shown))
    helper(m, "it is shown", (read.data == content) & read.last, when=in_buffer & first & shown)

    kind, number = Value.cast(inside.register("sent_kind")), inside.register("sent_number")
    busy = ~inside.in_state("IDLE", "sender") & ~link.before
    answers = busy & ((kind == Kind.ACKNOWLEDGE) | (kind == Kind.REPEAT))
    helper(m, "answer", number == known[: params.number_bits], when=answers)


def asking(m: Module, core: Any, inside: Inside) -> None:
    """REPEAT is said once, until the packet comes that is asked for."""
    link = Link(m, core, inside)
    arriving, leaving = link.arriving, link.leaving
    expected, offered = Signal(name="is_the_expected"), Signal(name="was_offered")
    anew, said = Signal(name="may_ask_anew"), Signal(name="said")
    is_packet = arriving.is_a(Kind.DATA) & link.own
    comes = arriving.at_packet & arriving.beat.last & is_packet & expected
    offers = core.outgoing.valid & (leaving.place == 0)
    begins = offers & ~offered & (leaving.beat.data == Kind.REPEAT)
    with m.If(arriving.at_number):
        number = arriving.beat.data[: link.params.number_bits]
        m.d.sync += expected.eq(number == inside.register("expected"))
    m.d.sync += [offered.eq(offers & ~leaving.passes), anew.eq(comes | link.begin)]
    with m.If(anew | link.begin):
        m.d.sync += said.eq(0)
    with m.Elif(begins):
        m.d.sync += said.eq(1)

    claim(m, "REPEAT is said once until the packet comes", ~said, when=begins & ~anew)
    ask, asked = inside.register("ask"), inside.register("asked")
    storing = inside.register("storing")
    helper(m, "storing", storing == (is_packet & expected & (arriving.place == 3)))
    helper(m, "what is to be said is asked", asked, when=ask)
    helper(m, "what was said is not said again", asked & ~ask, when=(said | begins) & ~anew)

    ahead = arriving.at_number & is_packet & ~arriving.beat.last
    cover(m, "a packet comes too early while REPEAT waits for its turn", ahead & ask)
    cover(m, "REPEAT is said for the next packet", begins & ~said & anew)


def session(m: Module, core: Any, inside: Inside) -> None:
    """A session begins with an OPEN of another one, and then nothing of the one before is there any more."""
    link = Link(m, core, inside)
    arriving, leaving = link.arriving, link.leaving
    current = Signal.like(core.session.number, name="current")
    begins, fresh, untaken = Signal(), Signal(), Signal()
    opens = (
        arriving.at_number
        & arriving.beat.last
        & arriving.is_a(Kind.OPEN)
        & (arriving.beat.data == VERSION)
        & (arriving.session != 0)
        & (arriving.session != current)
    )
    came = arriving.at_packet & arriving.beat.last & arriving.is_a(Kind.DATA) & (arriving.session == current)
    m.d.sync += begins.eq(opens)
    with m.If(came):
        m.d.sync += fresh.eq(0)
    with m.If(core.send.valid & core.send.ready):
        m.d.sync += untaken.eq(0)
    with m.If(opens):
        m.d.sync += [current.eq(arriving.session), fresh.eq(1), untaken.eq(1)]

    claim(m, "the session is that of the last OPEN of another one", core.session.number == current)
    claim(m, "it begins once", core.session.begins == begins)
    claim(m, "nothing passes when it begins", ~core.send.ready & ~core.receive.valid, when=begins)
    claim(
        m,
        "nothing passes without a session",
        ~core.send.ready & ~core.receive.valid,
        when=core.session.number == 0,
    )
    claim(m, "nothing is delivered before a packet of the session came", ~core.receive.valid, when=fresh)
    of_session = leaving.is_a(Kind.DATA) & link.leaves_now
    claim(m, "nothing is sent before a packet was taken", ~untaken, when=leaving.at_number & of_session)
    known = leaving.is_a(Kind.DATA, Kind.ACKNOWLEDGE, Kind.REPEAT, Kind.OPENED)
    claim(m, "a board sends no other kinds", known & ~leaving.is_a(Kind.OPEN), when=leaving.at_number)
    answer = leaving.at_number & leaving.is_a(Kind.OPENED)
    claim(m, "an answer has this version", leaving.beat.data == VERSION, when=answer)
    claim(
        m,
        "what leaves is of the session, unless it was begun before",
        leaving.session == current,
        when=leaving.at_number & ~link.before,
    )

    begun, fetched = inside.register("buffer.begun"), inside.register("buffer.fetched")
    helper(m, "no packets left", (begun == fetched) & ~inside.register("buffer.shown"), when=fresh)
    helper(m, "no packets left to send", inside.register("used") == 0, when=untaken)
    written, storing = inside.register("buffer.written"), inside.register("storing")
    data = inside.register("sending_data")
    helper(m, "no packet begun", ~data | link.before, when=untaken)
    is_packet = arriving.is_a(Kind.DATA) & (arriving.place == 3) & (arriving.session == current)
    helper(m, "stores packets of the session", is_packet & (current != 0), when=storing)
    helper(m, "first packet", (written == begun) | storing, when=fresh)
    no_session = (current == 0) & (
        (inside.register("used") != 0) | (begun != fetched) | (data & ~link.before)
    )
    helper(m, "no session, nothing kept", ~no_session & ~((current == 0) & inside.register("buffer.shown")))
    order = (inside.register("next") <= inside.register("sent")) & (
        inside.register("sent") <= inside.register("used")
    )
    helper(m, "nothing is sent that is not there", order & (inside.register("used") <= link.params.window))
    kind = Value.cast(inside.register("sent_kind"))
    busy = ~inside.in_state("IDLE", "sender")
    sendable = (
        (kind == Kind.DATA) | (kind == Kind.ACKNOWLEDGE) | (kind == Kind.REPEAT) | (kind == Kind.OPENED)
    )
    helper(m, "kinds", sendable, when=busy)
    version = inside.register("sent_number") == VERSION
    helper(m, "version", version, when=busy & (kind == Kind.OPENED))

    cover(m, "a session ends while a packet waits to be delivered", link.begin & core.receive.valid)
    cover(m, "a session ends while a packet is sent", link.begin & (leaving.place == 3))
    cover(m, "a frame of the session before leaves", leaving.at_packet & link.before)
    cover(m, "an OPEN comes twice", arriving.at_number & arriving.is_a(Kind.OPEN) & link.own)
    cover(m, "a packet of another session comes", arriving.at_packet & arriving.is_a(Kind.DATA) & ~link.own)


def progress(m: Module, core: Any, inside: Inside) -> None:
    """What is due happens within a known number of cycles, not counting those in which a frame is stalled.

    The proof counts down: in each state there is a greatest number of cycles to go, which falls every cycle.
    """
    link = Link(m, core, inside)
    params, out = link.params, core.outgoing
    window, timeout = params.window, params.timeout
    _packets_of_one_beat(m, link, inside)
    base_leaves, answer_leaves = Signal(), Signal()
    idle, data = inside.in_state("IDLE", "sender"), inside.register("sending_data")
    upcoming, used, begun = inside.register("next"), inside.register("used"), inside.register("sent")
    timer, turn = inside.register("timer"), inside.register("turn")
    others = inside.register("acknowledge") | inside.register("reply") | inside.register("ask")
    kind = Value.cast(inside.register("sent_kind"))
    moves = ~out.valid | out.ready

    header, frame = 3, 5  # cycles of an answer, without and of a packet, with the one between two frames
    rest = Signal(range(frame + 1))
    for beats_left, state in enumerate(("NUMBER", "SESSION", "KIND"), 1):
        with m.If(inside.in_state(state, "sender")):
            m.d.comb += rest.eq(beats_left + data)
    with m.If(inside.in_state("PACKET", "sender")):
        m.d.comb += rest.eq(1)
    packet_next = Signal(name="turn_after_this_frame")
    m.d.comb += packet_next.eq(Mux(inside.in_state("KIND", "sender"), ~data, turn))

    # the oldest packet that is not acknowledged begins to be sent, or is acknowledged
    until_packet = rest + Mux(packet_next, 0, header + 1)
    longest_wait = timeout + 2 * frame + 2
    waiting = (begun != 0) & (upcoming == begun) & ~data
    ahead = (window - upcoming) * longest_wait
    to_go = Mux(
        upcoming == 0,
        until_packet + 1,
        ahead + Mux(waiting, timeout - timer, until_packet + timeout) + 2 * frame,
    )
    most = (window - 1) * longest_wait + timeout + 4 * frame
    since = Signal(range(2 * most), name="cycles_since_sent")
    m.d.comb += base_leaves.eq(inside.wire("starts") & (upcoming == 0))
    acknowledged = inside.wire("acknowledged") != 0
    with m.If(base_leaves | acknowledged | (used == 0) | link.begin):
        m.d.sync += since.eq(0)
    with m.Elif(moves):
        m.d.sync += since.eq(since + 1)
    claim(m, "the oldest packet is sent in time, again and again", since <= most, when=used != 0)
    helper(m, "in time", since + to_go <= most + 1, when=used != 0)
    helper(m, "nothing is late where there is nothing", since == 0, when=(used == 0) & (begun == 0))
    helper(m, "timer", timer < timeout)
    helper(m, "no session, no packets", used == 0, when=link.session == 0)

    # while something is outstanding, packets are sent
    quiet, longest_quiet = Signal(range(2 * most), name="cycles_without_packet"), timeout + frame
    with m.If(data | acknowledged | (used == 0) | link.begin):
        m.d.sync += quiet.eq(0)
    with m.Elif(moves):
        m.d.sync += quiet.eq(quiet + 1)
    claim(m, "packets are sent while some are outstanding", quiet <= longest_quiet, when=used != 0)
    until_any = Mux(waiting, timeout - timer + frame, until_packet + 1)
    helper(m, "no long quiet", quiet + until_any <= longest_quiet, when=(used != 0) & ~data)
    helper(m, "no quiet without packets", quiet == 0, when=(used == 0) & (begun == 0) & ~data)

    # an acknowledgement that is due begins to be sent
    due = inside.register("acknowledge") & (link.session != 0)
    until_answer = rest + Mux(packet_next, frame, 0) + 1
    most_answer = header + frame + 1
    unanswered = Signal(range(2 * most_answer), name="cycles_unanswered")
    started = Signal(name="just_started")
    m.d.sync += started.eq(idle)
    answers = ~idle & started & ((kind == Kind.ACKNOWLEDGE) | (kind == Kind.REPEAT))
    m.d.comb += answer_leaves.eq(answers)
    with m.If(~due | link.begin):
        m.d.sync += unanswered.eq(0)
    with m.Elif(answers):
        m.d.sync += unanswered.eq(1)
    with m.Elif(moves):
        m.d.sync += unanswered.eq(unanswered + 1)
    claim(m, "what came is acknowledged in time", unanswered <= most_answer + 1, when=due)
    now = unanswered + until_answer <= most_answer + 1
    helper(m, "acknowledged in time", now | (answers & (unanswered <= most_answer + 1)), when=due)

    _receives(m, core, inside, link)
    cover(m, "a packet is sent again for want of an answer", base_leaves & (since >= timeout))
    cover(m, "an acknowledgement waits for a packet", answer_leaves & (unanswered > frame))
    cover(m, "others wait", idle & others & ~turn & (upcoming != used))


def _receives(m: Module, core: Any, inside: Inside, link: Link) -> None:
    """A packet that is expected is kept if there is room, and offered at once; what is kept is answered."""
    arriving, bits = link.arriving, link.params.number_bits
    expected, acknowledge = inside.register("expected"), inside.register("acknowledge")
    storing, keeps = inside.register("storing"), inside.wire("buffer.kept")
    written, begun = inside.register("buffer.written"), inside.register("buffer.begun")
    fetched, overflowed = inside.register("buffer.fetched"), inside.register("buffer.overflowed")
    number, first = Signal(bits, name="came_number"), Signal(name="first_beat")
    with m.If(arriving.at_number):
        m.d.sync += [number.eq(arriving.beat.data), first.eq(1)]
    with m.If(arriving.at_packet):
        m.d.sync += first.eq(0)
    is_packet = link.own & arriving.is_a(Kind.DATA)
    level = (begun - fetched)[: len(begun)]
    whole = arriving.at_packet & arriving.beat.last & first
    is_expected = is_packet & (number == expected)
    claim(m, "what is expected is kept, if there is room", keeps, when=whole & is_expected & (level < 2))

    earlier = (arriving.beat.data[:bits] - expected)[bits - 1]
    comes_again = arriving.at_number & ~arriving.beat.last & is_packet & earlier
    kept_before, again_before = Signal(), Signal()
    m.d.sync += [kept_before.eq(keeps), again_before.eq(comes_again)]
    claim(m, "what is kept is to be acknowledged", acknowledge, when=kept_before)
    claim(m, "what comes again is to be acknowledged", acknowledge, when=again_before)
    hidden = Signal(range(4), name="cycles_not_offered")
    waits = (level != 0) & ~core.receive.valid & ~core.session.begins
    m.d.sync += hidden.eq(Mux(waits, hidden + 1, 0))
    claim(m, "what is kept is offered at once", hidden <= 1)

    storing_now = is_packet & (arriving.place == 3) & (number == expected)
    helper(m, "stores what is expected", storing == storing_now)
    helper(m, "a packet begins whole", (written == begun) & ~overflowed, when=first | ~storing)
    helper(m, "offered", (hidden == 0) | inside.register("buffer.shown"))
