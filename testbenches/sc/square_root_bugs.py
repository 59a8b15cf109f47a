"""Mistakes that people make in `sc.square_root`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.square_root import AT_MOST, MOVES_IN_STALL, NOT_SQUARED, STARTS_AT_ZERO, WRAPS
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("wraps", WRAPS, "three-bits", SCOREBOARD),
    KnownBug("not-squared", NOT_SQUARED, "three-bits", SCOREBOARD),
    KnownBug("at-most", AT_MOST, "three-bits", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "three-bits", PROTOCOL),
    KnownBug("starts-at-zero", STARTS_AT_ZERO, "six-bits", SCOREBOARD),
)
