"""Broken neurons that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

LIF = "neurons.lif"
FIXED = "fixed"

LEAK_SIGN = Mutant(
    "leak drives away from rest", LIF, "- (membrane - value.rest)", "+ (membrane - value.rest)"
)
ABOVE_THRESHOLD = Mutant(
    "no spike at the threshold itself", LIF, "exact >= value.threshold", "exact > value.threshold"
)
LONGER_PERIOD = Mutant(
    "refractory one step too long", LIF, "eq(value.refractory_period)", "eq(value.refractory_period + 1)"
)
SHORTER_PERIOD = Mutant("last refractory step left out", LIF, "self.refractory > 0", "self.refractory > 1")
ENDLESS_PERIOD = Mutant("refractory steps are not counted", LIF, "self.refractory - 1", "self.refractory")
COMPARES_WRAPPED = Mutant(
    "the threshold is compared with the wrapped sum",
    LIF,
    "exact >= value.threshold",
    "exact[: params.width].as_signed() >= value.threshold",
)
SATURATES_LATE = Mutant(
    "values just above the format wrap", FIXED, "~negative & dropped.any()", "~negative & dropped[1:].any()"
)
SATURATES_LATE_BELOW = Mutant(
    "values just below the format wrap", FIXED, "negative & ~dropped.all()", "negative & ~dropped[1:].all()"
)
WRAPS = Mutant("wraps where it should saturate", LIF, "Mux(below, lowest, wrapped)", "wrapped")
NEVER_WRAPS = Mutant(
    "saturates where it should wrap", LIF, "if params.overflow is Overflow.WRAP:", "if False:"
)
STEPS_IN_STALL = Mutant(
    "steps while the output is stalled",
    LIF,
    "with m.If(self.input.ready & self.input.valid):\n            m.d.sync += [",
    "with m.If(self.input.valid):\n            m.d.sync += [",
)
NO_RESET = Mutant("a spike does not reset the potential", LIF, "beyond = value.reset", "beyond = potential")
REFRACTORY_AT_RESET = Mutant(
    "a refractory neuron stays at reset instead of rest",
    LIF,
    "self.next_membrane.eq(value.rest)",
    "self.next_membrane.eq(value.reset)",
)
NO_NOISE = Mutant("noise is not added", LIF, "self.noise if params.noise else 0", "0")
TIE_TO_ODD = Mutant("a tie goes to the odd integer", FIXED, "tie_goes_up = odd if", "tie_goes_up = ~odd if")
SAME_RANDOM = Mutant(
    "both products are rounded with one random number",
    LIF,
    "random_input.eq(next_state(generator, random_leak))",
    "random_input.eq(random_leak)",
)
GAIN_SCALE = Mutant(
    "the drive is scaled as the leak",
    LIF,
    "self.current * value.gain, params.gain_fraction",
    "self.current * value.gain, params.leak_fraction",
)
FIRES_REFRACTORY = Mutant(
    "spikes in refractory steps", LIF, "with m.If(self.refractory > 0):", "with m.If(0):"
)
RESET_FORGETS_MEMBRANE = Mutant(
    "reset forgets the potential", LIF, "init=params.rest)", "init=params.rest, reset_less=True)"
)
RESET_FORGETS_REFRACTORY = Mutant(
    "reset forgets the refractory steps",
    LIF,
    "refractory = Signal(params.counter_width)",
    "refractory = Signal(params.counter_width, reset_less=True)",
)
RESET_FORGETS_LFSR = Mutant(
    "reset forgets the LFSR", LIF, "init=params.seed)", "init=params.seed, reset_less=True)"
)
INPUT_OVERWRITES = Mutant(
    "an input is accepted on top of a stalled output",
    LIF,
    "self.input.ready.eq(self.output.ready | ~self.output.valid)",
    "self.input.ready.eq(1)",
)
OUTPUT_STAYS = Mutant(
    "an output stays after it is read",
    LIF,
    "self.output.valid.eq(self.input.valid)",
    "self.output.valid.eq(self.input.valid | self.output.valid)",
)
HALF_RATE = Mutant(
    "no input is accepted while an output is read",
    LIF,
    "self.output.ready | ~self.output.valid",
    "~self.output.valid",
)
