"""Proofs of `aer.router`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.aer.router import Params

from ..proof import Proof
from . import router_mutants as broken
from .router_properties import counters, delivery, progress

SMALL = Params(links=2, local_ports=1, entries=2, key_width=2, payload_width=1, queue=2)

SIZES = (
    "a router of two links and one local port, with a table of two entries of 2 bits and queues of two "
    "events; any settings, which hold still"
)

PROOFS = (
    Proof(
        broken.ROUTER,
        "delivery",
        "Whatever stalls, an event leaves once, and unchanged, on each output that the first matching entry, "
        "or the default route, names and the turns allow, and on no other; it passes no mark, and no mark "
        "passes it: as many marks have left before it as had come before it by its own input. A mark leaves "
        f"when each living input that may turn there has had it. For {SIZES}. Assumed: the table is not "
        "loaded while the event is under way.",
        SMALL,
        delivery,
        (
            broken.DROPPED_ON_FULL,
            broken.DOUBLED_ON_STALL,
            broken.TICK_OVERTAKEN,
            broken.MARK_LET_GO,
            broken.MARK_TWICE,
            broken.LAST_ENTRY,
            broken.UNUSED_ENTRY,
            broken.NO_MASK,
            broken.BACK,
            broken.ANY_TURN,
            broken.DEAD_SENDS,
            broken.DEAD_RECEIVES,
            broken.WRONG_ADDRESS,
        ),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.ROUTER,
        "counters",
        "Every event that is unroutable, every copy that is forbidden, and all that is lost at a dead link "
        f"is counted, once, up to 65,535; for {SIZES}.",
        SMALL,
        counters,
        (broken.NOT_COUNTED, broken.LOST_UNCOUNTED),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.ROUTER,
        "progress",
        "An event waits for the table while each other input has one turn at most, and for a queue that has "
        "room likewise; a queue that has room takes an event in every cycle in which one is there for it, "
        f"and a mark as soon as all inputs that it waits for have it; for {SIZES}.",
        SMALL,
        progress,
        (broken.NEVER_LOOKED_UP, broken.LOWEST_FIRST, broken.ONE_QUEUE_WAITS),
        depth=16,
        bit_level=True,
    ),
)
