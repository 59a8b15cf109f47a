"""Broken banks of live parameters that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

BANK = "bus.parameter_bank"

SUM_NOT_COMPARED = Mutant(
    "a set is applied whatever its sum", BANK, "(low != crc.crc)", "(low[:8] != crc.crc[:8])"
)
NOTHING_APPLIED = Mutant(
    "an apply of nothing is done", BANK, "(command == Command.APPLY) & ~summed", "Const(0)"
)
ANY_BANK = Mutant(
    "the upper half of a bank's number is not looked at", BANK, "bank != self", "bank[:16] != self"
)
ALIASED = Mutant(
    "the upper half of an entry is not looked at", BANK, "m.Switch(entry)", "m.Switch(entry[:16])"
)
HIGH_WORD_IGNORED = Mutant(
    "what is in the high word is dropped",
    BANK,
    "value = Cat(low, high).as_signed() if register.q.signed else Cat(low, high)",
    "value = low.as_signed() if register.q.signed else low",
)
SIGN_IGNORED = Mutant(
    "a negative value does not fit",
    BANK,
    "Cat(low, high).as_signed() if register.q.signed else",
    "Cat(low, high) if register.q.signed else",
)
NOT_STAGED = Mutant(
    "a write goes to the live set at once", BANK, "m.d.sync += staged[name].eq", "m.d.sync += live[name].eq"
)
PIECEMEAL = Mutant(
    "an apply leaves out the lowest bit of the set",
    BANK,
    "live.eq(staged), s",
    "live.as_value()[1:].eq(staged.as_value()[1:]), s",
)
SET_BEFORE_LOST = Mutant("the set that is kept is the new one", BANK, "before.eq(live)", "before.eq(staged)")
BACK_TWICE = Mutant("a set before can be brought back twice", BANK, "kept.eq(0), ", "")
STAGED_AFTER_ROLLBACK = Mutant("what was staged outlives a rollback", BANK, "staged.eq(before), ", "")
STAGED_AFTER_BEGIN = Mutant("what was staged outlives a begin", BANK, "[staged.eq(live), ", "[")
SUM_GOES_ON = Mutant(
    "the sum goes on after an apply",
    BANK,
    "crc.start.eq(1)\n                        m.d.sync += [before",
    "crc.start.eq(0)\n                        m.d.sync += [before",
)
LAST_BYTE_LEFT_OUT = Mutant(
    "the last byte of a write is not summed", BANK, "crc.valid.eq(1)", "crc.valid.eq(~byte.all())"
)
REFUSED_SUMMED = Mutant(
    "a write that was refused is summed",
    BANK,
    "count.eq(count + ~count.all())]",
    "count.eq(count + ~count.all())]\n"
    "                    with m.If(command == Command.WRITE):\n"
    '                        m.next = "sum"',
)
ONE_TRAP = Mutant("a trap replaces those before", BANK, "traps | trap", "trap")
COUNT_WRAPS = Mutant("the count of traps wraps", BANK, " + ~count.all()", " + 1")
ANSWER_UNTAKEN = Mutant("an answer is withdrawn though nobody took it", BANK, "m.If(answer.ready)", "m.If(1)")
NOT_TOLD = Mutant(
    "the answer does not wait until `applied` was taken", BANK, "m.If(applied.ready)", "m.If(1)"
)
