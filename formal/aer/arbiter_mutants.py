"""Broken arbiters that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ARBITER = "aer.arbiter"

DROPPED_ON_FULL = Mutant(
    "an event is taken while the one before is stalled, and lost",
    ARBITER,
    "room.eq(output.ready | ~output.valid)",
    "room.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "an event is not taken from its input while the output is stalled, but is sent",
    ARBITER,
    "m.d.comb += [channel.ready.eq(taken[number])",
    "m.d.comb += [channel.ready.eq(taken[number] & output.ready)",
)
TICK_OVERTAKEN = Mutant(
    "a mark leaves when one input has it, before events of the others",
    ARBITER,
    "zip(channels, is_mark, strict=True)).all())",
    "zip(channels, is_mark, strict=True)).any())",
)
MARK_TAKEN_ALONE = Mutant(
    "a mark is passed on like an event, for each input anew",
    ARBITER,
    "choice.requests.eq(Cat(c.valid & ~mark for",
    "choice.requests.eq(Cat(c.valid for",
)
NEVER_MOVES_ON = Mutant(
    "a round robin always begins at the first input", ARBITER, "with m.If(self.done):", "with m.If(0):"
)
SERVED_AGAIN = Mutant(
    "a round robin may serve an input twice while others wait",
    ARBITER,
    "before.eq(self.chosen | (self.chosen - 1))",
    "before.eq(self.chosen - 1)",
)
MOVES_WITHOUT_A_TRANSFER = Mutant(
    "a round robin moves on while the output is stalled",
    ARBITER,
    "choice.done.eq(room & choice.requests.any())",
    "choice.done.eq(choice.requests.any())",
)
HIGHEST_FIRST = Mutant(
    "the highest input goes first",
    ARBITER,
    "self.chosen.eq(candidates & ~(candidates - 1))",
    "self.chosen.eq(Cat(candidates[i] & ~candidates[i + 1 :].any() for i in range(len(candidates))))",
)
WRONG_PAYLOAD = Mutant(
    "an event of the last input leaves as one of the first",
    ARBITER,
    "selected = Value.cast(channels[-1].payload)",
    "selected = Value.cast(channels[0].payload)",
)
