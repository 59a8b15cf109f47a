"""Broken routers that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ROUTER = "aer.router"

DROPPED_ON_FULL = Mutant(
    "a copy is dropped where its queue is full",
    ROUTER,
    "one.written[out].eq(choice.chosen[source] & queue.w_rdy)",
    "one.written[out].eq(choice.chosen[source])",
)
DOUBLED_ON_STALL = Mutant(
    "while one queue is full, the others take the event again and again",
    ROUTER,
    "to_write.eq(to_write & ~self.written)",
    "to_write.eq(to_write)",
)
TICK_OVERTAKEN = Mutant(
    "a mark leaves when one input has it, before events of the others",
    ROUTER,
    "waits.any() & (waits == Cat(one.marks[out] for one in held))",
    "(waits & Cat(one.marks[out] for one in held)).any()",
)
MARK_LET_GO = Mutant(
    "an input lets its mark go when one output has had it",
    ROUTER,
    "~(self.marks & ~self.marked).any()",
    "self.marked.any() | ~self.marks.any()",
)
MARK_TWICE = Mutant(
    "an output has a mark again while another one waits for it",
    ROUTER,
    "had_mark.eq(had_mark | self.marked)",
    "had_mark.eq(0)",
)
MARK_DROPPED = Mutant(
    "a mark is dropped where its queue is full",
    ROUTER,
    "one.marked[out].eq(marked & queue.w_rdy & waits[source])",
    "one.marked[out].eq(marked & waits[source])",
)
LAST_ENTRY = Mutant(
    "of several entries the last decides",
    ROUTER,
    "first = matching & ~(matching - 1)",
    "first = Cat(matching[i] & ~matching[i + 1 :].any() for i in range(len(matching)))",
)
UNUSED_ENTRY = Mutant(
    "an unused entry matches", ROUTER, "e.used & ((address & e.mask) == e.key)", "(address & e.mask) == e.key"
)
NO_MASK = Mutant("masks are not heeded", ROUTER, "(address & e.mask) == e.key", "address == e.key")
BACK = Mutant(
    "without an entry an event goes back where it came from",
    ROUTER,
    "1 << (n + links // 2) % links",
    "1 << n",
)
ANY_TURN = Mutant(
    "turns that are not allowed are taken",
    ROUTER,
    "one.outputs.eq(wanted & allowed)",
    "one.outputs.eq(wanted)",
)
DEAD_SENDS = Mutant(
    "a dead link sends", ROUTER, "output.valid.eq(queue.r_rdy & ~dead[out])", "output.valid.eq(queue.r_rdy)"
)
DEAD_RECEIVES = Mutant(
    "what comes from a dead link is sent on",
    ROUTER,
    "m.d.comb += [one.turns.eq(turns[number]), one.dead.eq(dead[number])]",
    "m.d.comb += [one.turns.eq(turns[number]), one.dead.eq(0)]",
)
WRONG_ADDRESS = Mutant(
    "an event is looked up by another one's address",
    ROUTER,
    "address = _selected(chosen, [one.event.address for one in held])",
    "address = held[0].event.address",
)
RESET_CLEARS_TABLE = Mutant("a reset clears the table", ROUTER, "reset_less=True", "reset_less=False")
NOT_COUNTED = Mutant(
    "forbidden copies are counted as one",
    ROUTER,
    "sum(copies)",
    "forbidden.any()",
)
LOST_UNCOUNTED = Mutant(
    "what a dead link would send is not counted",
    ROUTER,
    "held[link].discards + lost[link]",
    "held[link].discards",
)
NEVER_LOOKED_UP = Mutant(
    "the table is asked for the first input first, every time",
    ROUTER,
    "turn.done.eq(1)",
    "turn.done.eq(0)",
)
LOWEST_FIRST = Mutant(
    "a queue takes what comes from the first input first, every time",
    ROUTER,
    "choice.done.eq(queue.w_rdy)",
    "choice.done.eq(0)",
)
ONE_QUEUE_WAITS = Mutant(
    "a queue takes nothing while an input has a mark for it",
    ROUTER,
    "one.written[out].eq(choice.chosen[source] & queue.w_rdy)",
    "one.written[out].eq(choice.chosen[source] & queue.w_rdy & ~Cat(o.marks[out] for o in held).any())",
)
