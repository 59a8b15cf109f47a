"""Mistakes that people make in `sc.decorrelator`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.decorrelator import MOVES_IN_STALL, NOT_STORED, NOTHING_PASSES, STARTS_AT_ZERO
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("not-stored", NOT_STORED, "six", SCOREBOARD),
    KnownBug("starts-at-zero", STARTS_AT_ZERO, "six", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "six", PROTOCOL),
    KnownBug("nothing-passes", NOTHING_PASSES, "six", SCOREBOARD),
)
