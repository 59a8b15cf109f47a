"""Proofs of `bus.parameter_bank`, and the broken cores that they catch.

Requests are free, in every cycle, and may even be taken back; answers and `applied` are stalled at will. The
sets, the traps and the sum are kept by the properties once more, from the requests that were taken.

What the core sums is proved by itself, byte by byte; the other proof then takes the sum as it is in the core.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from spikelock.models.bus.parameter_bank import Params
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Register

from ..link.crc32 import ALL, crc32_after
from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import parameter_bank_mutants as broken

WRITE, APPLY, ROLLBACK, BEGIN, CLEAR = range(5)
DONE, BANK, ENTRY, FIT, NOTHING, SUM, BEFORE, COMMAND = range(8)

TWO = Params(
    (
        ("gain", Register(signed(3), -2, "a signed value")),
        ("period", Register(unsigned(2), 1, "one that is not")),
    ),
    bank=5,
    count_width=2,
)
RESET = 0b01_110
"""The bits of both registers after reset."""


class Work:
    """The request that was taken and is not answered, and all that the requests before have left.

    busy: there is one. judged: in the first cycle after it was taken; what it does is seen in the next.
    refusal: its status then; status: the same from then on. done: it is judged, and done.
    live, staged, before: bits of the sets. kept: there is a set before. some: there is something to apply.
    brings: a new live set was brought, and the answer is not yet taken. restarts: the sum begins anew.
    """

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        asked = core.request.payload
        self.takes = core.request.valid & core.request.ready
        self.ends = core.answer.valid & core.answer.ready
        self.busy = Signal(name="busy")
        self.judged = Signal(name="judged")
        self.command = Signal(3, name="command_at_work")
        self.words = Signal(128, name="words_at_work")
        self.status = Signal(3, name="status_at_work")
        self.live = Signal(5, init=RESET, name="expected_live")
        self.staged = Signal(5, init=RESET, name="expected_staged")
        self.before = Signal(5, name="expected_before")
        self.kept = Signal(name="expected_kept")
        self.some = Signal(name="expected_some")
        self.traps = Signal(7, name="expected_traps")
        self.count = Signal(2, name="expected_count")
        m.d.sync += self.judged.eq(self.takes)
        with m.If(self.takes):
            m.d.sync += [self.busy.eq(1), self.command.eq(asked.command)]
            m.d.sync += self.words.eq(Cat(asked.bank, asked.entry, asked.low, asked.high))
        with m.Elif(self.ends):
            m.d.sync += self.busy.eq(0)

        bank, self.entry, self.low = (self.words.word_select(number, 32) for number in range(3))
        self.refusal = Signal(3, name="expected_refusal")
        sum_ = inside.wire("crc.crc")
        m.d.comb += self.refusal.eq(self._refusal(bank, self.words[64:], sum_))
        self.done = self.judged & (self.refusal == DONE)
        brings = (self.command == APPLY) | (self.command == ROLLBACK)
        self.brings = brings & ~self.judged & (self.status == DONE)
        self._leave(m)
        self._tie(m, inside)

    def _refusal(self, bank: Value, value: Value, sum_: Value) -> Value:
        writes, applies = self.command == WRITE, self.command == APPLY
        fits_gain = value[2:].all() | ~value[2:].any()
        fits = Mux(self.entry == 0, fits_gain, ~value[2:].any())
        status: Value = Const(DONE, 3)
        for reason, holds in reversed(
            (
                (COMMAND, self.command >= 5),
                (BANK, bank != 5),
                (ENTRY, writes & (self.entry >= 2)),
                (FIT, writes & ~fits),
                (NOTHING, applies & ~self.some),
                (SUM, applies & (self.low != sum_)),
                (BEFORE, (self.command == ROLLBACK) & ~self.kept),
            )
        ):
            status = Mux(holds, reason, status)
        return status

    def _leave(self, m: Module) -> None:
        """What the request that is judged leaves."""
        with m.If(self.judged):
            m.d.sync += self.status.eq(self.refusal)
        with m.If(self.judged & (self.refusal != DONE)):
            m.d.sync += [
                self.traps.eq(self.traps | Cat(self.refusal == kind for kind in range(1, 8))),
                self.count.eq(Mux(self.count == 3, 3, self.count + 1)),
            ]
        with m.If(self.done & (self.command == WRITE)):
            m.d.sync += self.some.eq(1)
            with m.If(self.entry == 0):
                m.d.sync += self.staged.eq(Cat(self.low[:3], self.staged[3:]))
            with m.Else():
                m.d.sync += self.staged.eq(Cat(self.staged[:3], self.low[:2]))
        with m.If(self.done & (self.command == APPLY)):
            m.d.sync += [self.live.eq(self.staged), self.before.eq(self.live), self.kept.eq(1)]
        with m.If(self.done & (self.command == ROLLBACK)):
            m.d.sync += [self.live.eq(self.before), self.staged.eq(self.before), self.kept.eq(0)]
        with m.If(self.done & (self.command == BEGIN)):
            m.d.sync += self.staged.eq(self.live)
        self.restarts = self.done & (
            (self.command == APPLY) | (self.command == ROLLBACK) | (self.command == BEGIN)
        )
        with m.If(self.restarts):
            m.d.sync += self.some.eq(0)
        with m.If(self.done & (self.command == CLEAR)):
            m.d.sync += [self.traps.eq(0), self.count.eq(0)]

    def _tie(self, m: Module, inside: Inside) -> None:
        """Helpers: the state of the core is that of the request at work."""
        register, state = inside.register, inside.in_state
        helper(m, "at work or idle", state("idle") == ~self.busy)
        helper(m, "judged first", state("work") == self.judged)
        states = ("idle", "work", "sum", "tell", "answer")
        helper(m, "a state that there is", Cat(state(name) for name in states).any())
        helper(m, "the command that was taken", register("command") == self.command, when=self.busy)
        helper(m, "the words that were taken", register("words") == self.words, when=self.judged)
        helper(m, "the set before", register("before") == self.before, when=self.kept)
        helper(m, "whether there is one", register("kept") == self.kept)
        helper(m, "whether there is something to apply", register("summed") == self.some)
        helper(m, "the status", register("status") == self.status, when=self.busy & ~self.judged)
        helper(m, "told only of a set that was brought", self.brings, when=state("tell"))
        summing = (self.command == WRITE) & (self.status == DONE)
        helper(m, "summed only where a write was done", summing, when=state("sum"))
        helper(m, "bytes from the first on", register("byte") == 0, when=~state("sum"))


def parameters(m: Module, core: Any, inside: Inside) -> None:
    """Sets, statuses, traps and handshakes, for a sum of which is only known that it is some number."""
    work = Work(m, core, inside)
    request, answer, applied = core.request, core.answer, core.applied
    registers = Value.cast(core.registers)

    claim(m, "a request is taken where none is at work", request.ready == ~work.busy)
    claim(m, "the live set is that of the requests, and changes at once", registers == work.live)
    claim(m, "what is staged is that of the requests", inside.register("staged") == work.staged)
    claim(m, "whether there is a set before", inside.register("kept") == work.kept)
    claim(m, "traps stay until they are cleared", core.traps == work.traps)
    claim(m, "an answer is to a request that was judged", work.busy & ~work.judged, when=answer.valid)
    claim(m, "it gives the status", answer.payload.status == work.status, when=answer.valid)
    claim(m, "it gives the traps", answer.payload.traps == work.traps, when=answer.valid)
    claim(m, "it gives their count", answer.payload.count == work.count, when=answer.valid)

    told = Signal()
    with m.If(applied.valid & applied.ready):
        m.d.sync += told.eq(1)
    with m.If(work.ends):
        m.d.sync += told.eq(0)
    claim(m, "`applied` tells of a set that was brought, once", work.brings & ~told, when=applied.valid)
    claim(m, "it gives the live set", Value.cast(applied.payload) == work.live, when=applied.valid)
    claim(m, "it tells before the answer", told == work.brings, when=answer.valid)
    for name, stream in (("the answer", answer), ("`applied`", applied)):
        stalled = Signal(name=f"stalled_{name.strip('`').replace(' ', '_')}")
        m.d.sync += stalled.eq(stream.valid & ~stream.ready)
        claim(m, f"{name} stays until it is taken", stream.valid, when=stalled)
    busy_cycles = Signal(5)
    with m.If(work.busy & ~answer.valid & ~applied.valid):
        m.d.sync += busy_cycles.eq(busy_cycles + 1)
    with m.Else():
        m.d.sync += busy_cycles.eq(0)
    claim(m, "an answer or `applied` comes within 18 cycles", busy_cycles <= 17)

    state, byte = inside.in_state, inside.register("byte")
    helper(m, "told where the set is brought", told == work.brings, when=state("answer"))
    helper(m, "not told before", ~told, when=~state("answer"))
    helper(m, "cycles at work", busy_cycles == byte + 1, when=state("sum"))
    helper(m, "the count of traps", inside.register("count") == work.count)
    helper(m, "no cycle yet", busy_cycles == 0, when=work.judged)
    for name, status in (("entry", ENTRY), ("value", FIT), ("sum", SUM), ("rollback", BEFORE)):
        cover(m, f"a wrong {name}", answer.valid & (work.status == status))
    cover(m, "as many traps as can be counted", answer.valid & (work.count == 3))
    cover(m, "the lowest gain is applied", applied.valid & (work.live[:3] == 4))
    cover(m, "a rollback", applied.valid & (work.command == ROLLBACK))


def checksum(m: Module, core: Any, inside: Inside) -> None:
    """The sum is the CRC-32 of the words that were written, in every cycle, as far as they are summed."""
    work = Work(m, core, inside)
    register = Signal(32, init=ALL, name="expected_sum")
    rest = Signal(128)
    left = Signal(range(17))
    with m.If(work.done & (work.command == WRITE)):
        m.d.sync += [rest.eq(work.words), left.eq(16)]
    with m.If(work.restarts):
        m.d.sync += register.eq(ALL)
    with m.If(left > 0):
        m.d.sync += [register.eq(crc32_after(m, register, rest[:8])), rest.eq(rest >> 8), left.eq(left - 1)]
    claim(m, "the sum is the CRC-32 of the bytes so far", inside.wire("crc.crc") == ~register)
    claim(m, "all bytes are summed before the answer", left == 0, when=core.answer.valid)
    helper(m, "the live set", inside.register("live") == work.live)
    helper(m, "what is staged", inside.register("staged") == work.staged)
    claim(m, "none is left where a set is judged", left == 0, when=work.judged)
    helper(m, "bytes that are left", left == 16 - inside.register("byte"), when=inside.in_state("sum"))
    helper(m, "none is left where none is summed", left == 0, when=~inside.in_state("sum"))
    helper(m, "which they are", inside.register("words") == rest, when=left > 0)
    cover(m, "a write is summed", core.answer.valid & (work.command == WRITE) & (work.status == DONE))
    cover(m, "the sum begins anew", work.restarts & (work.command == APPLY))


SIZES = "two registers of 3 and 2 bits, any words, any stalls, any resets"

PROOFS = (
    Proof(
        broken.BANK,
        "parameters",
        "Every request is answered exactly once, with the right status, traps and count; the live set "
        "changes only as a whole, by an apply whose sum is right or by a rollback, and to the right values; "
        f"what is staged is what was written since; for {SIZES}.",
        TWO,
        parameters,
        (
            broken.SUM_NOT_COMPARED,
            broken.NOTHING_APPLIED,
            broken.ANY_BANK,
            broken.ALIASED,
            broken.HIGH_WORD_IGNORED,
            broken.SIGN_IGNORED,
            broken.NOT_STAGED,
            broken.PIECEMEAL,
            broken.SET_BEFORE_LOST,
            broken.BACK_TWICE,
            broken.STAGED_AFTER_ROLLBACK,
            broken.STAGED_AFTER_BEGIN,
            broken.ONE_TRAP,
            broken.COUNT_WRAPS,
            broken.ANSWER_UNTAKEN,
            broken.NOT_TOLD,
        ),
        depth=34,
        bit_level=True,
    ),
    Proof(
        broken.BANK,
        "checksum",
        "The sum that an apply is compared with is the CRC-32 of the words of the writes that were done "
        f"since the last apply, rollback or begin that was done, and of nothing else; for {SIZES}.",
        TWO,
        checksum,
        (broken.SUM_GOES_ON, broken.LAST_BYTE_LEFT_OUT, broken.REFUSED_SUMMED),
        depth=24,
        bit_level=True,
    ),
)
