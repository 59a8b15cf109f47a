"""Broken tiles that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

TILE = "fabric.tile"

EVENT_DROPPED = Mutant(
    "an event is dropped when the output is stalled",
    TILE,
    "with m.If(self.output.ready):\n                    m.d.sync += sweeping.eq(0)",
    "with m.If(1):\n                    m.d.sync += sweeping.eq(0)",
)
EVENT_TAKEN_TWICE = Mutant(
    "an event is taken twice when the output is stalled",
    TILE,
    "self.input.ready.eq(1)",
    "self.input.ready.eq(self.output.ready)",
)
EVENT_CHANGES = Mutant(
    "an event that waits changes with the input",
    TILE,
    "self.output.payload.eq(departing)",
    "self.output.payload.eq(departing.as_value() ^ self.input.valid)",
)
TICK_OVERTAKES = Mutant(
    "the tick mark overtakes the last spike", TILE, "with m.Elif(last):", "with m.Else():"
)
SPIKE_DROPPED = Mutant(
    "a spike is dropped when the output is stalled",
    TILE,
    'with m.If(self.output.ready):\n                    m.next = "STEP"',
    'with m.If(1):\n                    m.next = "STEP"',
)
ADDRESS_OF_AXON = Mutant("spikes have the address of an axon", TILE, "params.axons + index", "index")
UNKNOWN_IS_AXON = Mutant(
    "the first unknown address is taken for an axon",
    TILE,
    "event.address < params.axons",
    "event.address <= params.axons",
)
ENDLESS_WALK = Mutant("a walk never ends", TILE, "remaining.eq(remaining - 1)", "remaining.eq(remaining)")
WALK_WAITS = Mutant(
    "a walk waits for the next input",
    TILE,
    "with m.Elif(~have_synapse):",
    "with m.Elif(~have_synapse & self.input.valid):",
)
ROW_FOR_EVER = Mutant(
    "the first recurrent row is delivered for ever",
    TILE,
    "fired_done.eq(fired_done + 1)",
    "fired_done.eq(fired_done)",
)
WEIGHT_SIGN = Mutant(
    "weights are subtracted",
    TILE,
    "accumulator_read.data + weight",
    "accumulator_read.data - weight",
)
STALE_ACCUMULATOR = Mutant(
    "an accumulator is not cleared by a step",
    TILE,
    "accumulator_write.en.eq(1),\n                ]",
    "accumulator_write.en.eq(0),\n                ]",
)
WEIGHT_LOST = Mutant(
    "a target right after itself loses a weight",
    TILE,
    "transparent_for=(accumulator_write,)",
    "",
)
LAST_SYNAPSE = Mutant(
    "the last synapse of a row is left out",
    TILE,
    "with m.Elif(~have_synapse):",
    "with m.Else():",
)
NO_BIAS = Mutant(
    "the bias is not added",
    TILE,
    "accumulator_read.data + bias.data.bias",
    "accumulator_read.data",
)
WRONG_NEURON = Mutant(
    "a neuron steps from the state of the one before",
    TILE,
    "neuron_read.addr.eq(following)",
    "neuron_read.addr.eq(index)",
)
RESTART_FORGETS_ACCUMULATORS = Mutant(
    "a restart forgets the accumulators",
    TILE,
    "m.d.comb += accumulator_write.en.eq(1)",
    "m.d.comb += accumulator_write.en.eq(0)",
)
RESTART_FORGETS_LFSR = Mutant("a restart forgets the LFSR", TILE, ", random.eq(neuron.seed)]", "]")
RESTART_TO_RESET = Mutant(
    "a restart brings neurons to reset instead of rest",
    TILE,
    "neuron_write.data.membrane.eq(step.value.rest)",
    "neuron_write.data.membrane.eq(step.value.reset)",
)
