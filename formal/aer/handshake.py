"""Proofs of the two ends of `aer.handshake`, and the broken ends that they catch.

Each end is proved at its own clock, for a partner at any clock. What a wire shows at this clock's edges is
any sequence that the protocol allows: an edge of one wire waits for that of the other, so a wire changes at
most once between two of this end's, and none of its values is missed. That it is sampled while it changes,
and taken for what it was or for what it becomes, is the same as a change a cycle later or sooner.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.aer.event import Format
from spikelock.models.aer.handshake import Params, Role

from ..proof import Proof
from ..properties import Inside, assume, claim, cover, helper
from . import handshake_mutants as broken

EVENT = Format(address_width=2)


def before(m: Module, value: Any, name: str) -> Signal:
    """The value in the cycle before; 0 after reset."""
    kept = Signal(len(Value.cast(value)), name=f"{name}_before")
    m.d.sync += kept.eq(Value.cast(value))
    return kept


def history(m: Module, wire: Signal, stages: int, name: str) -> Signal:
    """The values of a wire in so many cycles before, the last one lowest."""
    values = Signal(stages, name=f"{name}_history")
    m.d.sync += values.eq(Cat(wire, values)[:stages])
    return values


def flip_flops(m: Module, inside: Inside, values: Signal) -> None:
    """Helpers: a synchroniser holds what its wire was."""
    for number, value in enumerate(values):
        stage = inside.register(f"synchroniser.stage{number}")
        helper(m, f"flip-flop {number} of the synchroniser", stage == value)


def in_order(m: Module, name: str, values: Value, rising: Value) -> None:
    """Helpers: of the values that a wire had, the last one lowest, none fell where it may rise, or rose where
    it may fall.
    """
    newer, older = values[:-1], values[1:]
    helper(m, f"{name} rise only", (older & ~newer) == 0, when=rising)
    helper(m, f"{name} fall only", (newer & ~older) == 0, when=~rising)


def sender(m: Module, core: Any, inside: Inside) -> None:
    """Each event that is taken makes one handshake, in whose first two phases it is on the wires."""
    stages = core.params.stages
    request, acknowledge = core.request.level, core.acknowledge.level
    data = Value.cast(core.data)
    acknowledge_before = before(m, acknowledge, "acknowledge")
    follows = (acknowledge == acknowledge_before) | (acknowledge == request)
    assume(m, "the acknowledge follows the request", follows)

    request_before, data_before = before(m, request, "request"), before(m, data, "data")
    seen = history(m, acknowledge, stages, "acknowledge")
    rises, falls = request & ~request_before, ~request & request_before
    taken = core.input.valid & core.input.ready
    waits, event = Signal(name="event_waits"), Signal(len(data), name="event_taken")
    with m.If(taken):
        m.d.sync += [waits.eq(1), event.eq(Value.cast(core.input.payload))]
    with m.Elif(rises):
        m.d.sync += waits.eq(0)

    claim(m, "the request rises when the acknowledge is low", ~acknowledge_before, when=rises)
    claim(m, "the request falls when the acknowledge is high", acknowledge_before, when=falls)
    claim(m, "data are on their wires before the request", data == data_before, when=rises)
    claim(m, "data stay while the request is high", data == data_before, when=request_before)
    claim(m, "each request is an event's, unchanged", waits & (data == event), when=rises)
    claim(m, "no event is taken before the last is on its way", ~waits & ~request, when=taken)
    claim(m, "an event goes on its way at once", rises | before(m, taken, "taken"), when=waits)

    acted_on = before(m, seen[-1], "acknowledge_seen")
    claim(m, "a rise is acted on after all flip-flops", acted_on, when=falls)
    claim(m, "a fall is acted on after all flip-flops", ~seen[-1], when=core.input.ready)
    claim(m, "an acknowledged request falls", ~request, when=acted_on)
    rests = ~request & ~waits & ~seen[-1]
    claim(m, "the next event is taken after the fourth phase", core.input.ready, when=rests)

    flip_flops(m, inside, seen)
    helper(m, "what is on the wires is the event", data == event, when=waits | request)
    helper(m, "loaded is waiting or requested", inside.register("loaded") == (waits | request))
    helper(m, "a request waits no more", ~(waits & request & request_before))
    helper(m, "nothing is acknowledged before it is requested", ~Cat(seen, acted_on).any(), when=waits)
    in_order(m, "acknowledges", Cat(seen, acted_on), rising=request)

    ended = Signal(2, name="handshakes_begun")
    with m.If(rises & (ended != 3)):
        m.d.sync += ended.eq(ended + 1)
    cover(m, "a second event on the wires", rises & (ended == 1) & data.all())
    slow = Signal(3, name="cycles_high")
    m.d.sync += slow.eq(Mux(request & ~acknowledge, slow + (slow != 7), 0))
    cover(m, "a slow partner", falls & (before(m, slow, "slow") == 0) & (ended == 2))


def receiver(m: Module, core: Any, inside: Inside) -> None:
    """Each handshake gives one event, the one on the wires."""
    stages = core.params.stages
    request, acknowledge = core.request.level, core.acknowledge.level
    data, output = Value.cast(core.data), Value.cast(core.output.payload)
    request_before, data_before = before(m, request, "request"), before(m, data, "data")
    follows = (request == request_before) | (request != acknowledge)
    assume(m, "the request waits for the acknowledge", follows)
    held = ~(request & request_before & ~acknowledge) | (data == data_before)
    assume(m, "data stay from the request's rise to the acknowledge's", held)

    acknowledge_before = before(m, acknowledge, "acknowledge")
    seen = history(m, request, stages, "request")
    rises, falls = acknowledge & ~acknowledge_before, ~acknowledge & acknowledge_before
    given = core.output.valid & core.output.ready
    stalled = before(m, core.output.valid & ~core.output.ready, "stalled")
    output_before = before(m, output, "output")

    claim(m, "the acknowledge rises when the request is high", request_before, when=rises)
    claim(m, "the acknowledge falls when the request is low", ~request_before, when=falls)
    event = Signal(len(data), name="event_requested")
    with m.If(request & ~request_before):
        m.d.sync += event.eq(data)
    appears = core.output.valid & (output == event)
    claim(m, "an acknowledged event is there, unchanged", appears & ~stalled, when=rises)
    comes = core.output.valid & ~stalled
    claim(m, "no event is there that was not acknowledged", rises, when=comes)
    claim(
        m, "what is offered stays until it is taken", core.output.valid & (output == output_before), stalled
    )

    acted_on = before(m, seen[-1], "request_seen")
    claim(m, "a rise is acted on after all flip-flops", acted_on, when=rises)
    claim(m, "a fall is acted on after all flip-flops", ~acted_on, when=falls)
    claim(m, "a request is answered when there is room", acknowledge, when=acted_on & ~stalled)
    claim(m, "the acknowledge falls after the request", ~acknowledge, when=~acted_on)

    flip_flops(m, inside, seen)
    helper(m, "the data are those of the request", data_before == event, request_before & ~acknowledge_before)
    in_order(m, "requests", Cat(seen, acted_on), rising=~acknowledge)

    begun = Signal(2, name="handshakes")
    with m.If(rises & (begun != 3)):
        m.d.sync += begun.eq(begun + 1)
    cover(m, "a second event is read", rises & (begun == 1) & output.all())
    cover(m, "an event waits for the one before", acted_on & stalled & ~acknowledge)
    cover(m, "one leaves as the next is read", before(m, given, "given") & rises)


PROOFS = (
    Proof(
        broken.HANDSHAKE,
        "sender",
        "The request rises when the acknowledge is low, and falls when it is high. Each event makes one "
        "handshake, in its turn: it is on the data wires a cycle before the request rises, and stays until "
        "it falls. The acknowledge is acted on after both flip-flops, and then at once. Assumed: the "
        "acknowledge changes to what the request is, and at no other time; when is free.",
        Params(Role.SENDER, EVENT),
        sender,
        (
            broken.DATA_CHANGED_TOO_EARLY,
            broken.NO_WAIT_FOR_LOW,
            broken.REQUEST_DROPPED,
            broken.SENDER_WITHOUT_SYNCHRONISER,
            broken.DATA_WITH_REQUEST,
            broken.NEVER_LOWERED,
        ),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.HANDSHAKE,
        "receiver",
        "The acknowledge rises when the request is high, and falls when it is low. Each handshake gives one "
        "event, the one on the data wires, in its turn; while one waits, the next is not acknowledged. The "
        "request is acted on after all three flip-flops, and then at once. Assumed: the request rises when "
        "the acknowledge is low and falls when it is high, and the data stay from one's rise to the other's; "
        "when is free.",
        Params(Role.RECEIVER, EVENT, stages=3),
        receiver,
        (
            broken.ACKNOWLEDGE_DROPPED,
            broken.OVERWRITTEN,
            broken.RECEIVER_WITHOUT_SYNCHRONISER,
            broken.STAGE_MISSING,
            broken.DATA_READ_LATE,
            broken.DOUBLED_ON_STALL,
        ),
        depth=20,
        bit_level=True,
    ),
)
