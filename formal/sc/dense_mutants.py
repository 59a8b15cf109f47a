"""Broken dense layers that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

DENSE = "sc.dense"

INPUT_LOST = Mutant(
    "an input is accepted while nothing listens",
    DENSE,
    'with m.State("FETCH"):\n',
    'with m.State("FETCH"):\n                m.d.comb += self.input.ready.eq(1)\n',
)
SPIKE_DROPPED = Mutant(
    "a spike is dropped when the output is stalled",
    DENSE,
    "with m.If(self.output.ready):",
    "with m.If(1):",
)
LAST_INPUT_WAITS = Mutant(
    "counting waits for the first input of the next tick",
    DENSE,
    'm.next = "COUNT"\n\n',
    'with m.If(self.input.valid):\n                    m.next = "COUNT"\n\n',
)
RESTART_FORGOTTEN = Mutant("a restart is not heard", DENSE, "[fresh.eq(1), ", "[")
RESTART_FOR_EVER = Mutant("neurons are at rest in every tick", DENSE, "fresh.eq(0)", "fresh.eq(1)")
RESTART_FORGETS_LFSR = Mutant("a restart forgets the LFSR", DENSE, ", random.eq(neuron.seed)]", "]")
GOES_ON = Mutant(
    "a register goes on from where it was, and does not begin anew",
    DENSE,
    "number.eq(Mux(first, seed, register))",
    "number.eq(Mux(register == 0, seed, register))",
)
STANDS_STILL = Mutant("the numbers stand still", DENSE, "next_state(params.generator, number)", "number")
ALWAYS_UP = Mutant("negative weights count up", DENSE, "ones(up) - ones(down)", "ones(up) + ones(down)")
IDLE_LANE_COUNTS = Mutant(
    "a lane without an input counts", DENSE, "product = product & ~last_turn", "product = product & 1"
)
KEEPS_TOTAL = Mutant(
    "neurons begin with the sums of those before", DENSE, "[total.eq(0) for total in totals]", "[]"
)
ONE_STEP_SHORT = Mutant(
    "streams are one bit short",
    DENSE,
    "last_step.eq(time == params.length - 1)",
    "last_step.eq(time == max(0, params.length - 2))",
)
WRONG_TOTAL = Mutant(
    "all neurons of a round have the sum of the first",
    DENSE,
    "[total.eq(above) for total, above in pairwise(totals)]",
    "[]",
)
NO_BIAS = Mutant("the bias is not added", DENSE, "fit(scaled + bias,", "fit(scaled,")
CURRENT_WRAPS = Mutant(
    "a current wraps", DENSE, "params.current, Overflow.SATURATE", "params.current, Overflow.WRAP"
)
GAIN_AFTER_SHIFT = Mutant(
    "the sum is shifted before it is multiplied",
    DENSE,
    "shift_right(total * params.gain, params.shift, params.rounding)",
    "shift_right(total, params.shift, params.rounding) * params.gain",
)
WRONG_NEURON = Mutant(
    "a neuron steps from the state of the one before",
    DENSE,
    "write.addr.eq(index), read.addr.eq(index)",
    "write.addr.eq(index + 1), read.addr.eq(index)",
)
OTHER_BANKS = Mutant(
    "a weight is loaded into the banks before its own, too",
    DENSE,
    "(load.memory == number)",
    "(load.memory >= number)",
)
