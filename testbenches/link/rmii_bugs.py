"""Mistakes that people make in `link.rmii`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.link.rmii_mutants import (
    CUT_SILENTLY,
    DELIMITER_LOST,
    ENDS_WHEN_CARRIER_FADES,
    ERROR_IGNORED,
    HIGH_DI_BIT_FIRST,
    LAST_TOO_LATE,
    TOO_LONG_PASSES,
)
from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
OVERWRITES = Mutant(
    "a frame without room overwrites what waits",
    "packet_buffer",
    "fits.eq(~level[-1] & ~overflowed & ~self.discard)",
    "fits.eq(~overflowed & ~self.discard)",
)

BUGS = (
    KnownBug("high-di-bit-first", HIGH_DI_BIT_FIRST, "sixteen", SCOREBOARD),
    KnownBug("delimiter-lost", DELIMITER_LOST, "sixteen", SCOREBOARD),
    KnownBug("ends-when-carrier-fades", ENDS_WHEN_CARRIER_FADES, "sixteen", SCOREBOARD),
    KnownBug("error-ignored", ERROR_IGNORED, "sixteen", SCOREBOARD),
    KnownBug("too-long-passes", TOO_LONG_PASSES, "sixteen", SCOREBOARD),
    KnownBug("last-too-late", LAST_TOO_LATE, "sixteen", SCOREBOARD),
    KnownBug("not-cut", CUT_SILENTLY, "sixteen", SCOREBOARD),
    KnownBug("overwrites", OVERWRITES, "sixteen", SCOREBOARD),
)
