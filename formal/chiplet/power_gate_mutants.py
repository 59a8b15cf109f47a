"""Broken power gates: what the proofs, the bench or both must find."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

GATE = "chiplet.power_gate"


def broken(breaks: str, old: str, new: str) -> Mutant:
    """One of the core's own source."""
    return Mutant(breaks, GATE, old, new)


NOT_IDLE = broken("it isolates a die that is not idle", "drained=self.gated.idle & ~held", "drained=~held")
STAGE_NOT_EMPTY = broken(
    "it isolates while a stage holds a word for the die",
    "drained=self.gated.idle & ~held",
    "drained=self.gated.idle",
)
FIRST_CHANNEL_ONLY = broken(
    "only the first channel's stage is waited for",
    "return Cat(stage.holds for stage in inward).any()",
    "return inward[0].holds",
)
TAKES_IN_DRAIN = broken(
    "a drain takes new words", "stage.takes.eq(state == State.ON)", "stage.takes.eq(~self.control.isolate)"
)
NOT_CALLED_OFF = broken(
    "a drain goes on though the die shall be on",
    "with m.If(on):\n                    m.d.comb",
    "with m.If(0):\n                    m.d.comb",
)
POWER_WITH_CLAMPS = broken(
    "power goes with the clamps, not after them", "following.eq(State.ISOLATED)", "following.eq(State.OFF)"
)
CLAMPED_TOO_LATE = broken(
    "the clamps come a cycle late",
    "isolate.eq((following != State.ON) & (following != State.DRAIN))",
    "isolate.eq((state != State.ON) & (state != State.DRAIN) & (following != State.ON))",
)
RELEASED_TOO_EARLY = broken(
    "the clamps go when power comes, before the reset has ended",
    "isolate.eq((following != State.ON) & (following != State.DRAIN))",
    "isolate.eq((following == State.OFF) | (following == State.ISOLATED))",
)
WAITS_FOR_NOISE = broken(
    "it comes back only if the die, which is in reset, shows that it is idle",
    "m.Elif(resets == last)",
    "m.Elif((resets == last) & self.gated.idle)",
)
VALID_NOT_CLAMPED = broken(
    "a word is taken from a die in reset",
    "self.input.ready.eq(~self.isolate & (~self.output.valid | self.output.ready))",
    "self.input.ready.eq(~self.output.valid | self.output.ready)",
)
DOUBLED_WHEN_SLOW = broken(
    "a word is taken in each cycle, whether or not the die's clock runs",
    "with m.If(self.input.valid & self.input.ready & self.clock)",
    "with m.If(self.input.valid & self.input.ready)",
)
LOST_WHEN_SLOW = broken(
    "a word counts as taken by a die whose clock does not run",
    "leaves.eq(self.holds & self.output.ready & self.clock)",
    "leaves.eq(self.holds & self.output.ready)",
)
OVERWRITTEN = broken(
    "a word in a stage is overwritten",
    "self.input.ready.eq(~self.isolate & (~self.output.valid | self.output.ready))",
    "self.input.ready.eq(~self.isolate)",
)
LATCH_OFF = broken(
    "what a stage holds goes with the die's power",
    "with m.If(self.output.ready):\n            m.d.sync += self.output.valid.eq(0)",
    "with m.If(self.output.ready | self.isolate):\n            m.d.sync += self.output.valid.eq(0)",
)
RESET_TOO_SHORT = broken(
    "the reset is a cycle short", "m.Elif(resets == last)", "m.Elif(resets == max(0, last - 1))"
)
SUPPLY_NOT_AWAITED = broken(
    "the cycles of the reset count without a supply",
    "with m.If(~powered):\n                    m.d.sync += resets.eq(0)",
    "with m.If(0):\n                    m.d.sync += resets.eq(0)",
)
NO_CLOCK_IN_RESET = broken(
    "the clock stands still in reset",
    "wakes & self.gated.powered",
    "wakes & self.gated.powered & runs",
)
OLD_SUPPLY = broken("a die is switched on before its supply has gone", "m.If(on & ~powered)", "m.If(on)")
NEVER_BACK = broken("it never comes back", "m.If(on & ~powered)", "m.If(on & powered)")
WRONG_RATE = broken("the clock runs too often", "return total >= FULL_RATE", "return total >= FULL_RATE - 1")
UNEVEN = broken(
    "the clock runs in the first cycles of 16",
    "m.d.sync += phase.eq(total)\n        return total >= FULL_RATE",
    "m.d.sync += phase.eq(phase + 1)\n        return phase < self.registers.rate",
)
RATE_OFF_BY_ONE = broken(
    "the clock runs once less in 16 cycles",
    "phase.eq(total)\n        return total >= FULL_RATE",
    "phase.eq(total)\n        return total > FULL_RATE",
)
CLOCKS_ALL_COUNTED = broken(
    "the count is of cycles, not of clocks",
    "(self.counters.clocks + self.control.clock)",
    "(self.counters.clocks + 1)",
)
