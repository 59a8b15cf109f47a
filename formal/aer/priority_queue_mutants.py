"""Broken queues of classes that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

QUEUE = "aer.priority_queue"

DROPPED_ON_FULL = Mutant(
    "an event whose queue is full is taken, and lost without a trap",
    QUEUE,
    "self.input.ready.eq(fits),",
    "self.input.ready.eq(1),",
)
NO_TRAP = Mutant("a dropped event is not counted", QUEUE, "with m.If(dropped):", "with m.If(0):")
LAST_TRAP_ONLY = Mutant(
    "the trap of another class is forgotten", QUEUE, "latched.eq(latched | wanted)", "latched.eq(wanted)"
)
COUNT_WRAPS = Mutant(
    "a count that is full begins anew", QUEUE, "count.eq(count + ~count.all())", "count.eq(count + 1)"
)
NOT_CLEARED = Mutant(
    "the count is not cleared", QUEUE, "m.d.sync += [latched.eq(0), count.eq(0)]", "m.d.sync += latched.eq(0)"
)
DOUBLED_ON_STALL = Mutant(
    "an event that waits for room is put in its queue in every cycle",
    QUEUE,
    "queue.input.valid.eq(wanted[number] & fits)",
    "queue.input.valid.eq(wanted[number])",
)
MARK_DROPPED = Mutant(
    "a mark is dropped as an event is",
    QUEUE,
    "dropped.eq(self.input.valid & ~is_mark & ~fits)",
    "dropped.eq(self.input.valid & ~fits)",
)
MARK_HAS_NO_ROOM = Mutant(
    "a mark needs the room of an event, so that it never passes where a class is full",
    QUEUE,
    "Mux(is_mark, queue.input.ready, queue.occupancy.events < params.depth)",
    "queue.occupancy.events < params.depth",
)
WAITS_TOO_SOON = Mutant(
    "an event waits while its class has room for one",
    QUEUE,
    "queue.occupancy.events < params.depth)",
    "queue.occupancy.events < params.depth - 1)",
)
IN_TURN = Mutant("classes go in turn", QUEUE, "Policy.PRIORITY", "Policy.ROUND_ROBIN")
WRONG_CLASS = Mutant(
    "the class is taken from the address",
    QUEUE,
    "1 << event.payload[: params.class_width]",
    "1 << event.address[: params.class_width]",
)
