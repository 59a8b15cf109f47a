"""Mistakes that people make in `chiplet.framing`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.framing import (
    BEYOND_UNSEEN,
    NO_NEW_BEGINNING,
    SPAN_OF_BOTH,
    STALE_CRC,
    UNCHECKED,
    WRONG_SPAN,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("crc-of-the-wrong-span", WRONG_SPAN, "plain", SCOREBOARD),
    KnownBug("crc-of-two-flits", SPAN_OF_BOTH, "plain", SCOREBOARD),
    KnownBug("stale-crc", STALE_CRC, "plain", SCOREBOARD),
    KnownBug("unchecked", UNCHECKED, "plain", SCOREBOARD),
    KnownBug("no-new-beginning", NO_NEW_BEGINNING, "plain", SCOREBOARD),
    KnownBug("beyond-unseen", BEYOND_UNSEEN, "scrambled-and-protected", SCOREBOARD),
)
