"""What is claimed of two ends of a `chiplet.bridge` and a line each way that loses flits.

Words are counted without end, here modulo 16, as in `bridge_properties.py`. Each flit is followed on its way
by the counts that its numbers stand for, from when it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Module, Signal, Value

from spikelock.models.chiplet.bridge import Kind, Params

from ..properties import Inside, claim, cover, helper
from .bridge_properties import count, distance


def number(params: Params, of: Any) -> Value:
    """The number of a count."""
    return Value.cast(of)[: params.number_bits]


class Flit:
    """A flit on its way. there: it is. says: what it was made with, by name."""

    def __init__(self, place: str, there: Any, bits: Any, names: tuple[str, ...]) -> None:
        self.place, self.there, self.bits = place, there, bits
        self.says = {name: count(f"{name}_{place}") for name in names}
        self.is_data = there & (bits.kind == Kind.DATA)


def on_their_way(
    m: Module, core: Any, inside: Inside, sender: str, to: str, says: dict[str, Any]
) -> list[Flit]:
    """The flits of one direction, the oldest first. says: counts of the sender when it makes a flit."""
    out = core.ends[sender].outgoing
    names = tuple(says)
    made = Flit(f"made_by_{sender}", out.valid, out.payload, names)
    layout = out.payload.shape()
    newer, older = (
        Flit(
            f"{age}_to_{to}",
            inside.register(f"holds_{age}_to_{to}"),
            layout(inside.register(f"{age}_to_{to}")),
            names,
        )
        for age in ("newer", "older")
    )
    with m.If(inside.wire(f"moves_to_{to}")):
        m.d.sync += [older.says[name].eq(newer.says[name]) for name in names]
    with m.If(out.valid & out.ready):
        m.d.sync += [newer.says[name].eq(made.says[name]) for name in names]
    with m.If(inside.wire(f"{sender}.takes")):
        m.d.sync += [made.says[name].eq(now) for name, now in says.items()]
    return [older, newer, made]


@dataclass(frozen=True)
class Counts:
    """Of words: taken in the west; acknowledged there; limit, up to which it has credit; kept in the east;
    delivered there. chosen: any word; content: what it was when it was taken.
    """

    taken: Signal
    acknowledged: Signal
    limit: Signal
    kept: Signal
    delivered: Signal
    chosen: Signal
    content: Signal


def both_ends(m: Module, core: Any, inside: Inside) -> None:
    """Each word that is taken in the west is delivered in the east, once, in order and as it was taken."""
    params = core.ends["west"].params
    counts = Counts(
        taken=count("taken"),
        acknowledged=count("acknowledged_so_far"),
        limit=count("credit_so_far"),
        kept=count("kept_so_far"),
        delivered=count("delivered_so_far"),
        chosen=count("chosen"),
        content=Signal(params.width, name="content"),
    )
    taken, delivered, chosen = counts.taken, counts.delivered, counts.chosen
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    with m.If(core.to_east.valid & core.to_east.ready):
        m.d.sync += taken.eq(taken + 1)
        with m.If(taken == chosen):
            m.d.sync += counts.content.eq(core.to_east.payload.data)
    m.d.sync += [
        delivered.eq(delivered + (core.at_east.valid & core.at_east.ready)),
        counts.acknowledged.eq(counts.acknowledged + inside.wire("west.acknowledged")),
        counts.kept.eq(counts.kept + inside.wire("east.keeps")),
    ]
    claim(m, "what is delivered was taken", delivered != taken, when=core.at_east.valid)
    claim(
        m,
        "each word is delivered once, in order, as it was taken",
        core.at_east.payload.data == counts.content,
        when=core.at_east.valid & (delivered == chosen),
    )
    most = params.window + params.depth
    claim(m, "no more are on their way than window and queue have", distance(taken, delivered) <= most)
    claim(m, "what comes has room", inside.wire("east.queue.w_rdy"), when=inside.wire("east.keeps"))
    forgotten = distance(counts.kept, counts.acknowledged) <= inside.register("west.sent")
    claim(m, "what is forgotten in the west is kept in the east", forgotten)

    of_words = {"which": counts.acknowledged + inside.register("west.next")}
    of_answers = {"has": counts.kept, "room": delivered + params.depth}
    words = on_their_way(m, core, inside, "west", "east", of_words)
    answers = on_their_way(m, core, inside, "east", "west", of_answers)
    with m.If(inside.wire("west.comes")):
        m.d.sync += counts.limit.eq(answers[0].says["room"])
    west(m, params, inside, counts)
    east(m, params, inside, counts)
    words_on_their_way(m, params, inside, counts, words)
    answers_on_their_way(m, params, counts, answers)

    lost = Signal()
    with m.If(words[0].is_data & core.line_to_east.lost):
        m.d.sync += lost.eq(1)
    cover(m, "a word is delivered of which a flit was lost", lost & core.at_east.valid & (delivered == 0))
    cover(m, "a second word is delivered", core.at_east.valid & (delivered == 1))


def west(m: Module, params: Params, inside: Inside, counts: Counts) -> None:
    """What the sending end holds."""
    acknowledged, used = counts.acknowledged, inside.register("west.used")
    sent, upcoming = inside.register("west.sent"), inside.register("west.next")
    helper(m, "base", inside.register("west.base") == number(params, acknowledged))
    helper(m, "used", used == distance(counts.taken, acknowledged))
    helper(m, "order", (upcoming <= sent) & (sent <= used) & (used <= params.window))
    helper(m, "limit", inside.register("west.limit") == number(params, counts.limit))
    credit = distance(counts.limit, counts.delivered)
    helper(m, "credit is for few", credit <= params.depth)
    helper(m, "within credit", distance(acknowledged + sent, counts.delivered) <= credit)
    in_slot = distance(counts.chosen, acknowledged) < distance(counts.taken, acknowledged)
    slot = inside.memory("west.slots", counts.chosen)
    helper(m, "it is in its slot", slot.data == counts.content, in_slot)


def east(m: Module, params: Params, inside: Inside, counts: Counts) -> None:
    """What the receiving end holds."""
    kept, delivered, depth = counts.kept, counts.delivered, params.depth
    held = distance(kept, delivered)
    helper(m, "expected", inside.register("east.expected") == number(params, kept))
    helper(m, "given", inside.register("east.given") == number(params, delivered + depth))
    helper(m, "few are in the queue", held <= depth)
    helper(m, "level", inside.register("east.queue.level") == held)
    helper(m, "head", inside.register("east.queue.consume") == delivered % depth)
    helper(m, "tail", inside.register("east.queue.produce") == kept % depth)
    in_queue = distance(counts.chosen, delivered) < held
    stored = inside.memory("east.queue.storage", counts.chosen % depth)
    helper(m, "it is in the queue", stored == counts.content, in_queue)


def words_on_their_way(m: Module, params: Params, inside: Inside, counts: Counts, flits: list[Flit]) -> None:
    """None is so old or so new that its number could be taken for another's."""
    window = params.window
    new = counts.acknowledged + inside.register("west.sent")
    for place, flit in enumerate(flits):
        which, name = flit.says["which"], flit.place
        helper(m, f"number {name}", flit.bits.number == number(params, which), flit.is_data)
        helper(m, f"it was sent, {name}", distance(new, which + 1) < 2 * window, flit.is_data)
        helper(m, f"it is not old, {name}", distance(which + window, counts.kept) <= 2 * window, flit.is_data)
        helper(m, f"data {name}", flit.bits.data == counts.content, flit.is_data & (which == counts.chosen))
        for older in flits[:place]:
            in_order = distance(which + window, older.says["which"] + 1) <= 2 * window
            helper(m, f"in order, {older.place}, {name}", in_order, flit.is_data & older.is_data)


def answers_on_their_way(m: Module, params: Params, counts: Counts, flits: list[Flit]) -> None:
    """What flits say to the west was true when they were made, and the newer know more."""
    given = counts.delivered + params.depth

    def age(flit: Flit) -> Value:
        return distance(given, flit.says["room"])

    for place, flit in enumerate(flits):
        has, room, name = flit.says["has"], flit.says["room"], flit.place
        more = distance(has, counts.acknowledged)
        helper(m, f"acknowledgement {name}", flit.bits.acknowledge == number(params, has), flit.there)
        helper(m, f"credit {name}", flit.bits.credit == number(params, room), flit.there)
        helper(m, f"it is kept, {name}", more <= distance(counts.kept, counts.acknowledged), flit.there)
        helper(m, f"it has room, {name}", age(flit) <= distance(given, counts.limit), flit.there)
        for older in flits[:place]:
            both, pair = flit.there & older.there, f"{older.place}, {name}"
            less = distance(older.says["has"], counts.acknowledged)
            helper(m, f"acknowledgements in order, {pair}", less <= more, both)
            helper(m, f"credits in order, {pair}", age(flit) <= age(older), both)
