"""Proofs of `bus.wishbone`, and the broken cores that they catch.

All inputs are free, in every cycle: a master may even take back a request, or change it, before it is
answered, as one with a watchdog does. What the registers must hold is kept by the properties, from the
accesses that the bank began.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.bus.wishbone import Params

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from .register_access_mutants import (
    ALIASED,
    ANSWERED_FIRST,
    LATE_ADDRESS,
    READ_ONLY_WRITTEN,
    STROBES_IGNORED,
    STROBES_REVERSED,
    WRITE_LOST,
)
from .register_work import OKAY, READ_ONLY, REGISTERS, SPACE, Work, claim_registers
from .wishbone_mutants import NEVER_ENDS, NEVER_ERROR, READS_ZERO, STALE_ANSWER, TAKEN_EARLY, WISHBONE


def transfers(m: Module, core: Any, inside: Inside) -> None:
    """Each transfer is answered once, with the word and the end that the specification says."""
    work, begins, _ = _work(m, core, inside)
    request, response = core.request, core.response
    kept = Signal()  # the request that began was there until now
    first = Signal.like(Value.cast(request.payload), name="request_that_began")
    with m.If(begins):
        m.d.sync += [kept.eq(1), first.eq(request.payload)]
    with m.Elif(~request.valid | (response.valid & response.ready)):
        m.d.sync += kept.eq(0)
    same = Value.cast(request.payload) == first
    its_own = response.valid & same
    word = Mux(work.writing, 0, work.word)
    claim(
        m,
        "a request is accepted when its response passes",
        request.ready == (response.valid & response.ready),
    )
    claim(
        m, "a response answers the request that began", request.valid & work.busy & kept, when=response.valid
    )
    claim(m, "the response is of this very request", request.payload.write == work.writing, when=its_own)
    claim(
        m,
        "ERR ends what failed, ACK all else",
        response.payload.error == (work.response != OKAY),
        when=its_own,
    )
    claim(m, "the word that is read, 0 after a write", response.payload.data == word, when=its_own)
    stalled = Signal()
    before = Signal.like(Value.cast(response.payload), name="response_before")
    m.d.sync += [stalled.eq(its_own & ~response.ready), before.eq(response.payload)]
    holds = response.valid & (Value.cast(response.payload) == before)
    claim(m, "a response holds until it is taken", holds, when=stalled & same & request.valid)
    waits = Signal(3)  # cycles for which one and the same request waits
    with m.If(request.valid & ~response.valid):
        m.d.sync += waits.eq(waits + (waits < 7))
    with m.Else():
        m.d.sync += waits.eq(0)
    claim(m, "a request is answered in the fourth cycle, or before", waits < 4)

    begun = inside.register("begun")
    helper(m, "begun is at work", work.busy, when=begun)
    helper(m, "a request that began is kept", begun == kept)
    helper(m, "what began is at work", first[0] == work.writing, when=begun)
    late = work.since > 1  # the response has been there since
    helper(m, "waiting for its own", waits <= Mux(late, 0, work.since + 2), when=work.busy & begun)
    helper(m, "waiting for the one before", waits == 0, when=work.busy & ~begun)
    helper(m, "not waiting while it is done", begun, when=inside.in_state("work", "registers.fsm"))
    helper(m, "waiting for nothing", waits <= 1, when=~work.busy)
    cover(m, "a write is acknowledged", its_own & work.writing & ~response.payload.error)
    cover(m, "a request after one that was taken back", begins & (waits > 0))
    cover(m, "a response is stalled", stalled & response.ready & response.valid)


def registers(m: Module, core: Any, inside: Inside) -> None:
    """The registers hold what the writes, in the order in which they began, have left in them."""
    work, _, _ = _work(m, core, inside)
    claim_registers(m, work, core.response.valid)


def _work(m: Module, core: Any, inside: Inside) -> tuple[Work, Value, Value]:
    idle = inside.in_state("idle", "registers.fsm")
    begins = Signal(name="begins")
    ends = Signal(name="ends")
    begun = inside.register("begun")
    answers = inside.wire("registers.answer__valid")
    m.d.comb += [
        begins.eq(core.request.valid & idle),
        ends.eq(answers & (core.response.ready | ~begun)),
    ]
    payload = core.request.payload
    work = Work(
        m,
        core,
        inside,
        begins=begins,
        ends=ends,
        writes=payload.write,
        address=payload.address,
        word=payload.data,
        strobe=payload.select,
    )
    return work, begins, ends


THREE = Params(REGISTERS, READ_ONLY, address_width=5)
WHATEVER = f"for every stall, any resets, and masters that take requests back: {SPACE}."

PROOFS = (
    Proof(
        WISHBONE,
        "transfers",
        "Every request that is held is answered exactly once, by ACK or ERR and the word of the "
        f"specification, and within four cycles; an answer is never that of another request; {WHATEVER}",
        THREE,
        transfers,
        (NEVER_ERROR, NEVER_ENDS, STALE_ANSWER, TAKEN_EARLY, READS_ZERO, ALIASED, READ_ONLY_WRITTEN),
        depth=14,
    ),
    Proof(
        WISHBONE,
        "registers",
        "The registers hold what the writes have left in them, each at its own address, by its own SEL, and "
        f"before it is acknowledged; {WHATEVER}",
        THREE,
        registers,
        (ANSWERED_FIRST, STROBES_IGNORED, STROBES_REVERSED, LATE_ADDRESS, WRITE_LOST),
        depth=14,
    ),
)
