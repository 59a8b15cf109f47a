"""What is claimed of the sessions of `link.endpoint`, and of its progress."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.link.protocol import VERSION, Kind

from ..properties import Inside, claim, cover, helper
from .endpoint_frames import Link, packets_of_one_beat


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
    packets_of_one_beat(m, link, inside)
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
