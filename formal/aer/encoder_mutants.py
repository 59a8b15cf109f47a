"""Broken encoders that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ENCODER = "aer.encoder"

DROPPED_ON_FULL = Mutant(
    "a spike is forgotten while the output is stalled",
    ENCODER,
    "leaves.eq(self.output.ready)",
    "leaves.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "a spike is cleared a cycle late, where the output stalled before",
    ENCODER,
    "        with m.If(leaves):",
    "        stalled = Signal()\n        m.d.sync += stalled.eq(busy & ~leaves)\n"
    "        with m.If(leaves & ~stalled):",
)
TICK_OVERTAKEN = Mutant(
    "the mark leaves in the place of the last neuron's spike",
    ENCODER,
    "for number in reversed(range(params.neurons))",
    "for number in reversed(range(params.neurons - 1))",
)
ONE_OF_SEVERAL = Mutant(
    "of neurons that spike at once only one comes out",
    ENCODER,
    "remaining.eq(remaining & (remaining - 1))",
    "remaining.eq(0)",
)
HIGHEST_FIRST = Mutant(
    "the highest address goes first",
    ENCODER,
    "for number in reversed(range(params.neurons))",
    "for number in range(params.neurons)",
)
BASE_FORGOTTEN = Mutant(
    "addresses begin at 0", ENCODER, "event.address.eq(params.base + number)", "event.address.eq(number)"
)
TICK_OF_THE_NEXT = Mutant(
    "the tick counts on when the vector comes, not when its mark leaves",
    ENCODER,
    "with m.If(busy & self.vector.ready):",
    "with m.If(self.vector.valid & self.vector.ready):",
)
