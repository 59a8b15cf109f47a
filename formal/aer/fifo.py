"""Proof of `aer.fifo`, and the broken cores that it catches. Input, stalls and reset are free."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.aer.event import Format
from spikelock.models.aer.fifo import Params
from spikelock.models.fabric.tile import Kind

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import fifo_mutants as broken
from .queued import Followed, Places

PARAMS = Params(depth=4, event=Format(address_width=1))


def order(m: Module, core: Any, inside: Inside) -> None:
    """Any one event leaves in its turn; the queue takes what it has room for, and offers what it holds."""
    depth = core.params.depth
    source, sink = core.input, core.output
    taken, given = Signal(name="taken"), Signal(name="given")
    m.d.comb += [taken.eq(source.valid & source.ready), given.eq(sink.valid & sink.ready)]
    followed = Followed(m, taken, source.payload, given, sink.payload, depth)

    claim(m, "the occupancy is what is held", core.occupancy.events == followed.held)
    claim(m, "no more are held than there is room for", followed.held <= depth)
    claim(m, "an event is taken while there is room", source.ready, when=followed.held < depth)
    stalled = Signal()
    before = Signal.like(Value.cast(sink.payload), name="offered_before")
    m.d.sync += [stalled.eq(sink.valid & ~sink.ready), before.eq(sink.payload)]
    holds = sink.valid & (Value.cast(sink.payload) == before)
    claim(m, "what is offered stays until it is taken", holds, when=stalled)
    hidden = Signal(2, name="cycles_not_offered")
    m.d.sync += hidden.eq(Mux((followed.held != 0) & ~sink.valid, hidden + 1, 0))
    claim(m, "what is held is offered after a cycle", hidden <= 1)

    places = Places(m, inside, "queue", depth)
    places.claim_places("the queue")
    helper(m, "held in all", followed.held == places.level)
    helper(m, "ahead is held", followed.ahead < followed.held, when=followed.under_way)
    helper(m, "not hidden long", hidden == 0, when=~sink.valid)
    helper(m, "where it is", places.kept(followed.ahead) == followed.event, when=followed.under_way)

    cover(m, "as full as can be", (followed.held == depth) & ~source.ready & source.valid)
    is_tick = sink.payload.kind == Kind.TICK
    cover(m, "a mark leaves last of four", given & is_tick & followed.under_way & (followed.held == 1))
    cover(m, "round the memory", given & followed.under_way & (places.consume == 0) & (places.inner == 2))


PROOFS = (
    Proof(
        broken.FIFO,
        "order",
        f"Each event leaves once, unchanged and in its order; the queue holds up to {PARAMS.depth} events, "
        "takes one whenever it holds less, offers what it holds after a cycle, keeps offering it while it is "
        f"stalled, and says how many it holds; {PARAMS.depth} events of {PARAMS.event.port().width} bits.",
        PARAMS,
        order,
        (
            broken.DROPPED_ON_FULL,
            broken.DOUBLED_ON_STALL,
            broken.TICK_OVERTAKEN,
            broken.OCCUPANCY_WITHOUT_OUTPUT,
            broken.NOT_TAKEN,
            broken.SMALLER,
        ),
        depth=14,
        bit_level=True,
    ),
)
