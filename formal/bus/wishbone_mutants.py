"""Broken Wishbone register banks that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

WISHBONE = "bus.wishbone"

NEVER_ERROR = Mutant(
    "a transfer that fails is acknowledged",
    WISHBONE,
    "answer.payload.missing | answer.payload.refused",
    "0",
)
NEVER_ENDS = Mutant(
    "a request is never known to be over",
    WISHBONE,
    "with m.If(request.ready | ~request.valid):",
    "with m.If(0):",
)
STALE_ANSWER = Mutant(
    "the answer of a request that was taken back answers the next one",
    WISHBONE,
    "response.valid.eq(answer.valid & begun & request.valid)",
    "response.valid.eq(answer.valid & request.valid)",
)
TAKEN_EARLY = Mutant(
    "a request is accepted though its response was not taken",
    WISHBONE,
    "request.ready.eq(response.valid & response.ready)",
    "request.ready.eq(response.valid)",
)
READS_ZERO = Mutant(
    "a read of the upper half gives 0", WISHBONE, "0, registers.word)", "0, registers.word[:16])"
)
