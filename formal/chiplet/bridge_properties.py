"""What is claimed of one end of a `chiplet.bridge`.

Words are counted without end, here modulo 16; their numbers are these counts modulo 2^number_bits. The other
end is free, but for what is assumed of it, and that is what is claimed of this end. Of the line it is assumed
only that it swaps no flits, not which come, or whether.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.chiplet.bridge import Kind

from ..properties import Inside, assume, claim, cover, helper

COUNT_BITS = 4


def count(name: str, init: int = 0) -> Signal:
    """A count of words."""
    return Signal(COUNT_BITS, name=name, init=init)


def distance(to: Any, since: Any) -> Value:
    """How many words later `to` is than `since`; of counts of few words between them."""
    return (Value.cast(to) - since)[:COUNT_BITS]


class Line:
    """An end as it is seen from outside: flits in, flits out.

    comes: a flit that says more than that the line works. appears: a flit shows at `outgoing` since this
    cycle; it was made in the one before, when `makes`.
    """

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        self.core, self.params = core, core.params
        self.bits = core.params.number_bits
        self.came, self.out = core.incoming.payload, core.outgoing.payload
        self.up = core.status.up
        self.comes = self.up & core.incoming.valid & (self.came.kind != Kind.TRAINING)
        self.makes = ~core.outgoing.valid | core.outgoing.ready
        self.appears = Signal(name="appears")
        m.d.sync += self.appears.eq(self.makes)
        helper(m, "a flit shows", core.outgoing.valid, when=self.appears)
        helper(m, "up", inside.register("up") == self.up)
        self.shows_data = self.appears & (self.out.kind == Kind.DATA)

    def number(self, of: Any) -> Value:
        """The number of a count."""
        return Value.cast(of)[: self.bits]


def sending(m: Module, core: Any, inside: Inside) -> None:
    """Every word is kept until it is acknowledged, and sent as it was taken, under its own number."""
    line = Line(m, core, inside)
    params, came, out = line.params, line.came, line.out
    window, depth = params.window, params.depth
    taken, acknowledged, sent = count("taken"), count("acknowledged_so_far"), count("sent_so_far")
    limit = count("credit_so_far")
    chosen, content = count("chosen"), Signal.like(core.send.payload.data, name="content")
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    with m.If(core.send.valid & core.send.ready):
        m.d.sync += taken.eq(taken + 1)
        with m.If(taken == chosen):
            m.d.sync += content.eq(core.send.payload.data)

    behind = (sent - out.number)[: line.bits]
    which, is_new = count("which_is_sent"), Signal(name="is_new")
    m.d.comb += [which.eq(sent - behind), is_new.eq(line.shows_data & (behind == 0))]
    m.d.sync += sent.eq(sent + is_new)

    # of the other end: how many words it has when it makes the flit that comes, and for how many it has room
    has, room = count("other_end_has"), count("other_end_has_room")
    m.d.comb += [has.eq(AnySeq(has.shape())), room.eq(AnySeq(room.shape()))]
    assume(
        m,
        "the other end acknowledges what it has, and names how far it has room",
        ~line.comes | ((line.number(has) == came.acknowledge) & (line.number(room) == came.credit)),
    )
    assume(
        m,
        "it has what was sent, and never fewer than before",
        ~line.comes | (distance(has, acknowledged) <= distance(sent, acknowledged)),
    )
    assume(
        m,
        "it has room for all it said before, and for no more than its depth",
        ~line.comes | ((distance(room, has) <= depth) & (distance(room, limit) <= depth)),
    )
    with m.If(line.comes):
        m.d.sync += [acknowledged.eq(has), limit.eq(room)]
    rewound, starts = Signal(), inside.wire("starts")
    with m.If(starts):
        m.d.sync += rewound.eq(0)
    with m.If(line.comes & came.mark):
        m.d.sync += rewound.eq(1)
    was_up = Signal()
    m.d.sync += was_up.eq(line.up)

    claim(m, "no more words are outstanding than the window has", distance(taken, acknowledged) <= window)
    claim(
        m,
        "what is sent is a word of the window, or the next new one",
        (behind <= window) & ((behind != 0) | (sent != taken)),
        when=line.shows_data,
    )
    claim(
        m,
        "a word is sent as it was taken, and under its own number",
        out.data == content,
        when=line.shows_data & (which == chosen),
    )
    within = (distance(limit, which) != 0) & (distance(limit, which) <= depth + window)
    claim(m, "no word is sent without credit", within, when=line.shows_data)
    claim(m, "no word is sent while the line is down", was_up, when=line.shows_data)
    claim(m, "what is no word has no data", out.data == 0, when=line.appears & (out.kind != Kind.DATA))
    oldest = inside.register("next") == 0
    claim(m, "what is asked for is sent again from the oldest on", oldest, when=rewound & starts)

    base, used = inside.register("base"), inside.register("used")
    begun, upcoming = inside.register("sent"), inside.register("next")
    may_send, waited = inside.wire("may_send"), Signal(range(params.timeout + 1), name="waited")
    waits = line.up & (begun != 0) & ~may_send & (inside.wire("acknowledged") == 0)
    m.d.sync += waited.eq(Mux(waits, waited + 1, 0))
    due = waited == params.timeout
    claim(m, "what nobody acknowledges or asks for is due again in time", may_send & oldest, when=due)
    helper(m, "timer", inside.register("timer") == Mux(due, 0, waited))
    helper(m, "base", base == line.number(acknowledged))
    helper(m, "used", used == distance(taken, acknowledged))
    helper(m, "begun", begun == distance(sent, acknowledged) + is_new)
    helper(m, "order", (upcoming <= begun) & (begun <= used) & (used <= window))
    helper(m, "sent after acknowledged", distance(sent, acknowledged) <= window)
    helper(m, "credit", inside.register("limit") == line.number(limit))
    helper(m, "credit is for few", distance(limit, acknowledged) <= depth)
    helper(m, "within credit", distance(sent, acknowledged) + is_new <= distance(limit, acknowledged))
    helper(m, "the oldest is next", oldest, when=rewound)
    held = distance(chosen, acknowledged) < distance(taken, acknowledged)
    slot = inside.memory("slots", chosen)
    helper(m, "the chosen word is in its slot", slot.data == content, when=held)

    again = line.shows_data & ~is_new
    cover(m, "a word is sent again", again & (which == chosen) & (chosen == 1))
    cover(m, "words wait for credit", line.up & (upcoming != used) & (sent == limit) & (taken == 2))
    cover(m, "numbers begin anew", line.shows_data & (which == 1 << line.bits))


def receiving(m: Module, core: Any, inside: Inside) -> None:
    """Each word is taken once, in order; there is room for what has credit, and credit for what has room."""
    line = Line(m, core, inside)
    params, came, out = line.params, line.came, line.out
    window, depth = params.window, params.depth
    kept, delivered = count("kept_so_far"), count("delivered_so_far")
    chosen, content = count("chosen"), Signal.like(core.receive.payload.data, name="content")
    m.d.comb += [chosen.eq(AnyConst(chosen.shape())), content.eq(AnyConst(content.shape()))]

    # of the other end: which word it is that comes
    which = count("which_comes")
    m.d.comb += which.eq(AnySeq(which.shape()))
    is_data = line.comes & (came.kind == Kind.DATA)
    room = distance(delivered + depth, kept)
    assume(m, "a word has its own number", ~is_data | (line.number(which) == came.number))
    assume(
        m,
        "a word is sent again only while it is in the window, and only with credit",
        ~is_data | (distance(kept, which) <= window) | (distance(which, kept) < room),
    )
    assume(
        m, "a word is not changed: its CRC was right", ~(is_data & (which == chosen)) | (came.data == content)
    )
    assume(m, "a word that is new has credit", ~(is_data & (which == kept)) | (room != 0))
    keeps = inside.wire("keeps")
    leaves = core.receive.valid & core.receive.ready
    m.d.sync += [kept.eq(kept + keeps), delivered.eq(delivered + leaves)]
    kept_then, delivered_then = count("kept_then"), count("delivered_then")  # when the flit was made
    with m.If(line.makes):
        m.d.sync += [kept_then.eq(kept), delivered_then.eq(delivered)]
    was_up = Signal()
    m.d.sync += was_up.eq(line.up)

    claim(m, "what is kept is the word that is expected", is_data & (which == kept), when=keeps)
    claim(m, "the word that is expected is kept", keeps, when=is_data & (which == kept))
    claim(m, "there is room for it", inside.wire("queue.w_rdy"), when=keeps)
    claim(m, "what is delivered was kept, once", kept != delivered, when=core.receive.valid)
    claim(m, "what was kept is offered", core.receive.valid == (kept != delivered))
    claim(
        m,
        "words are delivered as they were sent, in order",
        core.receive.payload.data == content,
        when=core.receive.valid & (delivered == chosen),
    )
    says_more = line.appears & was_up
    claim(m, "what is acknowledged is kept", out.acknowledge == line.number(kept_then), when=line.appears)
    claim(
        m,
        "credit is given for all the room there is, and for no more",
        out.credit == line.number(delivered_then + depth),
        when=line.appears,
    )
    claim(m, "no more is kept than has room", distance(kept, delivered) <= depth)

    # what is missing is asked for in the next flit, once
    missing = (line.comes & (line.number(came.number - line.number(kept)) != 0)) & ~Value.cast(
        (came.number - line.number(kept))[: line.bits]
    )[-1]
    asked, due = Signal(name="was_asked"), Signal(name="is_due")
    with m.If(line.up & line.makes):
        m.d.sync += due.eq(0)
    with m.If(keeps):
        m.d.sync += [due.eq(0), asked.eq(0)]
    with m.Elif(missing & ~asked):
        m.d.sync += [due.eq(1), asked.eq(1)]
    due_then = Signal()
    m.d.sync += due_then.eq(due)
    claim(m, "what is missing is asked for, once", out.mark == due_then, when=says_more)

    helper(m, "expected", inside.register("expected") == line.number(kept))
    helper(m, "given", inside.register("given") == line.number(delivered + depth))
    helper(m, "asked", (inside.register("asked") == asked) & (inside.register("ask") == due))
    level = inside.register("queue.level")
    produce, consume = inside.register("queue.produce"), inside.register("queue.consume")
    helper(m, "level", level == distance(kept, delivered))
    helper(m, "pointers", (produce == (kept % depth)) & (consume == (delivered % depth)))
    stored = inside.memory("queue.storage", chosen % depth)
    in_queue = distance(chosen, delivered) < distance(kept, delivered)
    helper(m, "it is stored", stored == content, when=in_queue)

    cover(m, "a word comes twice", is_data & (distance(kept, which) == 1))
    cover(m, "a word comes too early", is_data & (distance(which, kept) == 1))
    cover(m, "the queue is full", distance(kept, delivered) == depth)
    cover(m, "a word is delivered when numbers have begun anew", leaves & (delivered == 1 << line.bits))


def line_state(m: Module, core: Any, inside: Inside) -> None:
    """When an end is up: it hears, and is heard. When it is reported down."""
    line = Line(m, core, inside)
    params, came, out = line.params, line.came, line.out
    valid, up = core.incoming.valid, line.up
    tells = (came.kind != Kind.TRAINING) | came.mark
    since = Signal(range(params.silence + 1), name="cycles_since_a_good_flit")
    heard = Signal(range(params.training + 1), name="flits_of_training")  # since it went down
    is_training = came.kind == Kind.TRAINING
    m.d.sync += since.eq(Mux(valid, 0, since + (since != params.silence)))
    silent = ~valid & (since == params.silence - 1)
    refused = up & valid & ~tells
    with m.If(silent | refused):
        m.d.sync += heard.eq(0)
    with m.Elif(valid & is_training & (heard != params.training)):
        m.d.sync += heard.eq(heard + 1)
    up_before, rises, was_refused = Signal(), Signal(), Signal()
    m.d.sync += [
        up_before.eq(up),
        rises.eq(valid & tells & (heard == params.training)),
        was_refused.eq(refused),
    ]
    claim(m, "a dead line is reported in time", ~up, when=since == params.silence)
    claim(m, "an end that is not heard goes down at once", ~up, when=was_refused)
    claim(m, "it comes up when it hears, and is told that it is heard", rises, when=up & ~up_before)
    claim(m, "and does so at once", up, when=rises & ~was_refused & ~up_before)
    claim(
        m,
        "and goes down for no other reason",
        was_refused | (since == params.silence),
        when=up_before & ~up & since.any(),
    )
    hears = Signal(name="heard_then")
    m.d.sync += hears.eq(heard == params.training)
    kind = (out.kind == Kind.TRAINING) == ~up_before
    claim(m, "while it is down it sends training, and else none", kind, when=line.appears)
    claim(m, "training says whether it hears", out.mark == hears, when=line.appears & ~up_before)
    kept = inside.wire("keeps")
    claim(m, "while it is down no word is taken", up, when=kept)

    helper(m, "flits of training", inside.register("heard") == heard)
    helper(m, "cycles", inside.register("quiet") == since, when=since != params.silence)
    helper(m, "it hears while it is up", heard == params.training, when=up)
    helper(m, "nothing was heard for long", (heard == 0) & ~up, when=since == params.silence)
    was_down = Signal()
    with m.If(up_before & ~up):
        m.d.sync += was_down.eq(1)
    cover(m, "it comes up again", up & was_down)
    cover(m, "a line dies", up_before & ~up & ~was_refused)
