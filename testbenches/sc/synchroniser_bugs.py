"""Mistakes that people make in `sc.synchroniser`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.synchroniser import (
    FULL_WRAPS,
    MOVES_IN_STALL,
    NO_TURNS,
    NOTHING_MEETS,
    RETURNS_TO_X,
    STAYS_IN_BOTH,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("full-wraps", FULL_WRAPS, "synchroniser-3", SCOREBOARD),
    KnownBug("nothing-meets", NOTHING_MEETS, "synchroniser-1", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "synchroniser-3", PROTOCOL),
    KnownBug("no-turns", NO_TURNS, "desynchroniser-4", SCOREBOARD),
    KnownBug("returns-to-x", RETURNS_TO_X, "desynchroniser-1", SCOREBOARD),
    KnownBug("stays-in-both", STAYS_IN_BOTH, "desynchroniser-4", SCOREBOARD),
)
