"""Broken probes that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

PROBE = "monitor.probe"

ONE_LATE = Mutant("one sample too many after the trigger", PROBE, "remaining == 1", "remaining == 0")
ONE_LOST = Mutant(
    "the sample after a capture is lost", PROBE, "with m.If(left == 0):", "with m.If(left == 1):"
)
OLDEST_LOST = Mutant("the oldest sample is left out", PROBE, "left.eq(filled - 1)", "left.eq(filled - 2)")
OVERFILLED = Mutant(
    "a full ring counts on",
    PROBE,
    "filled + (filled != params.depth)",
    "filled + (filled != params.depth + 1)",
)
TAKES_WHILE_SENDING = Mutant(
    "samples go into the ring while it is sent",
    PROBE,
    "m.d.comb += output.valid.eq(1)",
    "m.d.comb += [output.valid.eq(1), self.input.ready.eq(1), write.en.eq(taken)]",
)
MARK_BESIDE = Mutant("the mark is beside the trigger", PROBE, "left == place", "left == place + 1")
SKIPS = Mutant("a sample is sent twice", PROBE, "read.addr.eq(end - left)", "read.addr.eq(end - left - 1)")
IGNORES_MASK = Mutant(
    "the mask is ignored", PROBE, "((sample ^ value.value) & value.mask) == 0", "sample == value.value"
)
EDGE_AT_ONCE = Mutant(
    "the first sample of a capture is an edge from the capture before", PROBE, "~first & ((", "(("
)
WINDOW_FOR_EVER = Mutant(
    "a window begins with the matches of the last", PROBE, "[position.eq(0), matches.eq(0)]", "position.eq(0)"
)
OLD_MATCHES = Mutant(
    "a capture begins with the matches of the last",
    PROBE,
    "Mux(first, 0, matches) + match",
    "matches + match",
)
ONE_MORE = Mutant(
    "one occurrence more is needed",
    PROBE,
    "matches_here >= value.occurrences",
    "matches_here > value.occurrences",
)
ALWAYS_REPEATS = Mutant(
    "captures follow each other unasked", PROBE, "with m.If(value.repeat):", "with m.If(1):"
)
NEVER_REPEATS = Mutant("there is one capture only", PROBE, "with m.If(value.repeat):", "with m.If(0):")
UNARMED = Mutant(
    "samples are taken without being armed", PROBE, "self.input.ready & value.arm", "self.input.ready"
)
VALUE_ONLY = Mutant(
    "the mark from outside is ignored", PROBE, "hit.eq(self.input.payload.external)", "hit.eq(0)"
)
