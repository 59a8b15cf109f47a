"""Broken decoders that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

DECODER = "aer.decoder"

DROPPED_ON_FULL = Mutant(
    "a mark is taken while the vector before is stalled",
    DECODER,
    "self.input.ready.eq(~is_mark | ~self.vector.valid | self.vector.ready)",
    "self.input.ready.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "an event that waits is counted in every cycle",
    DECODER,
    "takes.eq(self.input.valid & self.input.ready)",
    "takes.eq(self.input.valid)",
)
TICK_OVERTAKEN = Mutant(
    "the vector is not cleared by the mark",
    DECODER,
    "                    spikes.eq(0),\n",
    "",
)
DOUBLED_IS_HIDDEN = Mutant(
    "a second spike of a neuron is not counted",
    DECODER,
    'counted["doubled"].eq(known & again)',
    'counted["doubled"].eq(0)',
)
ONE_MORE_NEURON = Mutant(
    "the address behind the last neuron's is not outside",
    DECODER,
    "neuron < params.neurons",
    "neuron <= params.neurons",
)
COUNT_WRAPS = Mutant(
    "a count that is full begins anew",
    DECODER,
    "Mux(count.all(), count, count + counted[name])",
    "(count + counted[name])",
)
COUNTS_GO_ON = Mutant(
    "counts go on in the next step",
    DECODER,
    "count.eq(Mux(is_mark, 0, more))",
    "count.eq(more)",
)
LATE_IS_SET = Mutant(
    "an event of another step is taken for one of this",
    DECODER,
    "return self.input.payload.tick != tick",
    "return (self.input.payload.tick != tick) & (self.input.payload.kind == Kind.TICK)",
)
