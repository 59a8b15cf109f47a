"""What is claimed of the receiver of `link.endpoint`."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Module, Signal, Value

from spikelock.models.link.protocol import Kind

from ..properties import Inside, assume, claim, cover, helper
from .endpoint_frames import Link, count, distance


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
