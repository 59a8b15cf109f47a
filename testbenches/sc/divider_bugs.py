"""Mistakes that people make in `sc.divider`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.divider import (
    MOVES_IN_STALL,
    NOTHING_REPEATED,
    STARTS_AT_ZERO,
    STORES_ALWAYS,
    TURNED_AROUND,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("nothing-repeated", NOTHING_REPEATED, "one", SCOREBOARD),
    KnownBug("stores-always", STORES_ALWAYS, "one", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "one", PROTOCOL),
    KnownBug("starts-at-zero", STARTS_AT_ZERO, "four", SCOREBOARD),
    KnownBug("turned-around", TURNED_AROUND, "four", SCOREBOARD),
)
