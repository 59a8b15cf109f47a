"""Mistakes that people make in `sc.rectifier`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.rectifier import (
    COUNTS_INPUT,
    FORCED_TOO_EARLY,
    MOVES_IN_STALL,
    NOTHING_FORCED,
    WRAPS,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("nothing-forced", NOTHING_FORCED, "depth-3", SCOREBOARD),
    KnownBug("forced-too-early", FORCED_TOO_EARLY, "depth-3", SCOREBOARD),
    KnownBug("wraps", WRAPS, "depth-3", SCOREBOARD),
    KnownBug("counts-input", COUNTS_INPUT, "depth-3", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "depth-3", PROTOCOL),
)
