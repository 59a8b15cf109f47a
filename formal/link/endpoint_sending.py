"""What is claimed of the sender of `link.endpoint`."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Module, Signal

from spikelock.models.link.protocol import Kind

from ..properties import Inside, assume, claim, cover, helper
from .endpoint_frames import Link, count, distance, packets_of_one_beat


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
    packets_of_one_beat(m, link, inside)
