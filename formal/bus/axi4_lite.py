"""Proofs of `bus.axi4_lite`, and the broken cores that they catch.

All inputs are free, in every cycle: AW, W and AR come in any order, any time apart, and may even be taken
back; B, R and `written` are stalled at will. What the registers must hold is kept by the properties, from
the writes that were accepted.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.bus.axi4_lite import Params

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from .axi4_lite_mutants import (
    ADDRESS_ALONE,
    ALWAYS_OKAY,
    AXI,
    DATA_ALONE,
    NOT_TOLD,
    READS_STARVE,
    RESPONSE_UNTAKEN,
    TOLD_TWICE,
    WRONG_CHANNEL,
)
from .register_access_mutants import (
    ALIASED,
    ANSWERED_FIRST,
    LATE_ADDRESS,
    READ_ONLY_WRITTEN,
    STROBES_IGNORED,
    STROBES_REVERSED,
    WRITE_LOST,
)
from .register_work import DECERR, OKAY, READ_ONLY, REGISTERS, SLVERR, SPACE, Work, claim_registers


def channels(m: Module, core: Any, inside: Inside) -> None:
    """Exactly one response to each access, that of the specification, and held until it is taken."""
    work = _work(m, core, inside)
    aw, w, b, ar, r, written = core.aw, core.w, core.b, core.ar, core.r, core.written
    aw_passes, w_passes, ar_passes = (stream.valid & stream.ready for stream in (aw, w, ar))
    begins = aw_passes | w_passes | ar_passes
    waits = (aw.valid & w.valid) | ar.valid

    claim(m, "an address of a write is taken with its data, and never alone", aw_passes == w_passes)
    claim(m, "one access is taken at a time", ~(aw_passes & ar_passes))
    claim(m, "none is taken before the last is answered", ~begins, when=work.busy)
    claim(m, "what waits is taken where no access is at work", begins, when=~work.busy & waits)
    claim(m, "B answers a write", work.busy & work.writing & ~r.valid, when=b.valid)
    claim(m, "R answers a read", work.busy & ~work.writing & ~b.valid, when=r.valid)
    claim(m, "B gives the response of the specification", b.payload.response == work.response, when=b.valid)
    claim(m, "R gives the response of the specification", r.payload.response == work.response, when=r.valid)
    claim(m, "R gives the word of the register", r.payload.data == work.word, when=r.valid)
    told = Signal()
    with m.If(written.valid & written.ready):
        m.d.sync += told.eq(1)
    with m.If(b.valid & b.ready):
        m.d.sync += told.eq(0)
    claim(
        m,
        "`written` tells of a write that is done, once",
        work.busy & work.writing & (work.response == OKAY) & ~told,
        when=written.valid,
    )
    claim(
        m,
        "B says OKAY of what was told, and of nothing else",
        told == (b.payload.response == OKAY),
        when=b.valid,
    )
    claim(
        m,
        "`written` names the register and what it holds",
        (written.payload.register == work.number) & (written.payload.data == work.word),
        when=written.valid,
    )
    for name, stream in (("B", b), ("R", r), ("written", written)):
        stalled, before = (
            Signal(name=f"{name}_stalled"),
            Signal.like(Value.cast(stream.payload), name=f"{name}_before"),
        )
        m.d.sync += [stalled.eq(stream.valid & ~stream.ready), before.eq(stream.payload)]
        claim(
            m,
            f"{name} holds until it is taken",
            stream.valid & (Value.cast(stream.payload) == before),
            when=stalled,
        )

    waited = Signal(3)
    with m.If(work.busy & ~b.valid & ~r.valid & ~written.valid):
        m.d.sync += waited.eq(waited + 1)
    with m.Else():
        m.d.sync += waited.eq(0)
    claim(m, "the answer of an access comes in the second cycle", waited < 2)
    passed = Signal(2)  # accesses of the other kind, since a read waits
    with m.If(~ar.valid | ar_passes):
        m.d.sync += passed.eq(0)
    with m.Elif(aw_passes):
        m.d.sync += passed.eq(passed + 1)
    claim(m, "a read that waits lets one write pass, and no more", passed <= 1)

    helper(m, "what was told", inside.register("told") == told)
    helper(m, "whether a write is at work", inside.register("last_wrote") == work.writing, when=work.busy)
    helper(m, "a read was passed by a write", inside.register("last_wrote"), when=passed > 0)
    helper(m, "told in the midst of a write", work.busy & work.writing & work.done, when=told)
    answered = b.valid | r.valid | written.valid
    helper(m, "cycles waited", waited == work.since, when=work.busy & ~answered)
    cover(
        m,
        "data of a write comes before its address",
        aw_passes & _waited(m, w.valid & ~aw.valid, "w_first"),
    )
    cover(
        m,
        "address of a write comes before its data",
        aw_passes & _waited(m, aw.valid & ~w.valid, "aw_first"),
    )
    cover(m, "B is stalled", b.valid & b.ready & _waited(m, b.valid & ~b.ready, "b_stalled"))
    cover(m, "a register that is only read is read", r.valid & (r.payload.data == 5))
    cover(m, "a write to a register that is only read", b.valid & (b.payload.response == SLVERR))
    cover(m, "a read of no register", r.valid & (r.payload.response == DECERR))


def registers(m: Module, core: Any, inside: Inside) -> None:
    """The registers hold what the writes, in the order in which they were accepted, have left in them."""
    work = _work(m, core, inside)
    claim_registers(m, work, core.b.valid | core.r.valid)
    claim(m, "a write is done when it is told of", work.now == work.after, when=core.written.valid)


def _work(m: Module, core: Any, inside: Inside) -> Work:
    writes = core.aw.valid & core.aw.ready
    return Work(
        m,
        core,
        inside,
        begins=writes | (core.w.valid & core.w.ready) | (core.ar.valid & core.ar.ready),
        ends=(core.b.valid & core.b.ready) | (core.r.valid & core.r.ready),
        writes=writes,
        address=Mux(writes, core.aw.payload.address, core.ar.payload.address),
        word=core.w.payload.data,
        strobe=core.w.payload.strobe,
    )


def _waited(m: Module, seen: Any, name: str) -> Signal:
    """Whether that was so in an earlier cycle."""
    before = Signal(name=f"before_{name}")
    with m.If(seen):
        m.d.sync += before.eq(1)
    return before


THREE = Params(REGISTERS, READ_ONLY, address_width=5)
WHATEVER = f"for every skew of AW, W and AR, every stall, any resets: {SPACE}."

PROOFS = (
    Proof(
        AXI,
        "channels",
        "Every write and every read is answered exactly once, in order, with the right response and word, "
        f"held until it is taken; a write is told of once, before B; nothing waits for ever; {WHATEVER}",
        THREE,
        channels,
        (
            ADDRESS_ALONE,
            DATA_ALONE,
            RESPONSE_UNTAKEN,
            NOT_TOLD,
            TOLD_TWICE,
            READS_STARVE,
            WRONG_CHANNEL,
            ALWAYS_OKAY,
            ALIASED,
            READ_ONLY_WRITTEN,
        ),
        depth=14,
    ),
    Proof(
        AXI,
        "registers",
        "The registers hold what the writes have left in them, in the order in which they came, each at its "
        f"own address, by its own strobes, and before its B; {WHATEVER}",
        THREE,
        registers,
        (
            ANSWERED_FIRST,
            STROBES_IGNORED,
            STROBES_REVERSED,
            LATE_ADDRESS,
            WRITE_LOST,
        ),
        depth=14,
    ),
)
