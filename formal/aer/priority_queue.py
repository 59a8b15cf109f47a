"""Proofs of `aer.priority_queue`, and the broken cores that they catch.

Events, stalls, `clear` and resets are free. An event of any one class is followed, and with it what is before
it in its class: marks are of every class.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from spikelock.models.aer.event import Format
from spikelock.models.aer.priority_queue import Full, Params
from spikelock.models.fabric.tile import Kind

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import priority_queue_mutants as broken
from .arbiter_mutants import TICK_OVERTAKEN
from .queued import Followed, Places

CLASSES, DEPTH, PLACES = 2, 3, 4


class Passing:
    """What comes and leaves in this cycle, by class; `full` and `drops` are said of the event that comes."""

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        source, sink = core.input, core.output
        self.came, self.left = source.payload, sink.payload
        self.came_mark, self.left_mark = self.came.kind == Kind.TICK, self.left.kind == Kind.TICK
        self.queues = [Places(m, inside, f"queue{number}.queue", PLACES) for number in range(CLASSES)]
        held = [queue.level for queue in self.queues]
        self.full = Mux(self.came.payload[0], held[1], held[0]) >= DEPTH
        self.drops = Signal(name="expected_drop")
        if core.params.drops:
            m.d.comb += self.drops.eq(source.valid & ~self.came_mark & self.full)
        self.takes = source.valid & source.ready
        self.gives = sink.valid & sink.ready
        self.of_class = lambda event, number: (event.kind == Kind.TICK) | (event.payload[0] == number)


def conservation(m: Module, core: Any, inside: Inside) -> None:
    """What is taken and not dropped leaves, in the order of its class; what is dropped leaves a trap."""
    passing = Passing(m, core, inside)
    source, sink = core.input, core.output
    chosen = Signal(name="chosen_class")
    m.d.comb += chosen.eq(AnyConst(1))
    taken, given = Signal(name="taken"), Signal(name="given")
    m.d.comb += [
        taken.eq(passing.takes & ~passing.drops & passing.of_class(passing.came, chosen)),
        given.eq(passing.gives & passing.of_class(passing.left, chosen)),
    ]
    came, left = _seen(passing.came, chosen), _seen(passing.left, chosen)
    followed = Followed(m, taken, came, given, left, PLACES + 1)
    room = passing.came_mark | ~passing.full
    claim(
        m,
        "an event is taken where its class has room",
        source.ready,
        source.valid & ~passing.came_mark & room,
    )
    if core.params.drops:
        claim(m, "an event never waits", source.ready, when=source.valid & ~passing.came_mark)
        latched, count = Signal(CLASSES), Signal(len(core.traps.count), name="expected_count")
        most = (1 << len(count)) - 1
        with m.If(passing.drops):
            m.d.sync += [
                latched.eq(latched | Mux(passing.came.payload[0], 2, 1)),
                count.eq(Mux(count == most, most, count + 1)),
            ]
        with m.If(core.registers.clear):
            m.d.sync += [latched.eq(0), count.eq(0)]
        clear = core.registers.clear
        claim(m, "what was dropped is latched", core.traps.latched == latched, when=~clear)
        claim(m, "what was dropped is counted", core.traps.count == count, when=~clear)
        claim(m, "traps are cleared", Value.cast(core.traps) == 0, when=clear)
        cover(m, "an event is dropped, and counted with others", (core.traps.count == 3) & passing.drops)
        cover(m, "both traps", core.traps.latched == 3)
    else:
        claim(m, "an event waits where its class is full", ~source.ready, source.valid & ~room)
        cover(m, "an event waits, of a full class", source.valid & ~passing.came_mark & ~source.ready)
    free = Cat(queue.level < PLACES for queue in passing.queues).all()
    claim(m, "a mark is taken where it has room", source.ready == free, when=source.valid & passing.came_mark)
    hidden = Signal(3, name="cycles_not_offered")
    m.d.sync += hidden.eq(Mux((followed.held != 0) & ~sink.valid, hidden + 1, 0))
    claim(m, "what is held is offered after two cycles", hidden <= 2)
    _tie(m, passing, followed, chosen, sink, hidden)
    left_before = Signal(3, name="left_in_step")
    with m.If(given):
        m.d.sync += left_before.eq(Mux(passing.left_mark, 0, left_before + 1))
    cover(m, "a mark leaves after three events", given & passing.left_mark & (left_before == 3))
    for number, queue in enumerate(passing.queues):
        cover(m, f"class {number} is full", queue.level == PLACES)


def _tie(m: Module, passing: Passing, followed: Followed, chosen: Any, sink: Any, hidden: Any) -> None:
    """Helpers: where the events of the chosen class are."""
    first = sink.valid & passing.of_class(sink.payload, chosen)
    marks = []
    for number, queue in enumerate(passing.queues):
        own = chosen == number
        queue.claim_places(f"class {number}")
        helper(m, f"held of class {number}", followed.held == queue.level + first, when=own)
        place = queue.kept(followed.ahead - first)
        in_queue = followed.under_way & (followed.ahead >= first)
        event = _seen(Cat(place, Const(number, 1)), chosen)
        helper(m, f"followed in class {number}", event == followed.event, when=own & in_queue)
        marks.append(sum((used & _is_mark(word) for used, word in queue.words), start=Value.cast(0)))
    helper(m, "as many marks in all", marks[0] == marks[1])
    helper(m, "ahead is held", followed.ahead < followed.held, when=followed.under_way)
    at_output = followed.under_way & first & (followed.ahead == 0)
    helper(m, "at the output", _seen(sink.payload, chosen) == followed.event, when=at_output)
    shown = Cat(queue.shown for queue in passing.queues)
    at_mark = Cat(_is_mark(queue.offered) for queue in passing.queues)
    goes = (shown & ~at_mark).any() | (shown & at_mark).all()
    waits = ~sink.valid & (followed.held != 0)
    helper(m, "nothing held, nothing hidden", hidden == 0, when=followed.held == 0)
    helper(m, "chosen now, or not hidden yet", (hidden == 0) | goes, when=waits)
    helper(m, "chosen soon", hidden <= 1, when=waits)


def _seen(event: Any, chosen: Any) -> Value:
    """The bits of an event, of which the last is the class; a mark has none, and what leaves is that of class
    0: of others counts only the kind.
    """
    bits = Value.cast(event)
    return Mux(_is_mark(bits), Mux(chosen, Const(Kind.TICK, len(bits)), bits[:-1]), bits)


def _is_mark(word: Value) -> Value:
    return word[:2] == Kind.TICK


def strictness(m: Module, core: Any, inside: Inside) -> None:
    """No event is chosen while one of a lower class waits."""
    sink = core.output
    fresh, waited = Signal(name="chosen_just_now"), Signal(name="class_0_waited")
    queue = Places(m, inside, "queue0.queue", PLACES)
    m.d.sync += [
        fresh.eq(~sink.valid | sink.ready),
        waited.eq(queue.shown & (queue.offered[:2] != Kind.TICK)),
    ]
    is_event = sink.payload.kind != Kind.TICK
    when = sink.valid & fresh & waited & is_event
    claim(m, "class 0 goes first", sink.payload.payload[0] == 0, when=when)
    claim(m, "no mark overtakes class 0", is_event, when=sink.valid & fresh & waited)
    other = Places(m, inside, "queue1.queue", PLACES)
    for number, one in enumerate((queue, other)):
        one.claim_places(f"class {number}")
    cover(m, "class 1 waits for class 0", when & other.shown)
    cover(m, "class 1 has its turn", sink.valid & fresh & is_event & (sink.payload.payload[0] == 1))


FORMAT = Format(address_width=1, payload_width=1)
DROP = Params(CLASSES, DEPTH, Full.DROP, FORMAT, count_width=2)
STALL = Params(CLASSES, DEPTH, Full.STALL, FORMAT)
SIZES = f"{CLASSES} classes, queues of {DEPTH} events and a mark, any events, stalls and resets"
KEPT = "leaves once, unchanged, and in the order of its class, in which marks stand too"

PROOFS = (
    Proof(
        broken.QUEUE,
        "drop",
        f"Every event that is taken {KEPT}; or its class is full, and it is latched and counted. No mark is "
        f"dropped, and no event waits. {SIZES}.",
        DROP,
        conservation,
        (
            broken.NO_TRAP,
            broken.MARK_DROPPED,
            broken.LAST_TRAP_ONLY,
            broken.COUNT_WRAPS,
            broken.NOT_CLEARED,
            broken.DOUBLED_ON_STALL,
            broken.MARK_HAS_NO_ROOM,
        ),
        depth=13,
        bit_level=True,
    ),
    Proof(
        broken.QUEUE,
        "stall",
        f"Every event that is taken {KEPT}; it waits where its class is full, and nowhere else. {SIZES}.",
        STALL,
        conservation,
        (broken.DROPPED_ON_FULL, TICK_OVERTAKEN, broken.WRONG_CLASS, broken.WAITS_TOO_SOON),
        depth=13,
        bit_level=True,
    ),
    Proof(
        broken.QUEUE,
        "strictness",
        "No event, and no mark, is chosen while one of class 0 stands at the end of its queue, where it is "
        f"two cycles after it came if its queue was empty. {SIZES}.",
        STALL,
        strictness,
        (broken.IN_TURN,),
        depth=10,
        bit_level=True,
    ),
)
