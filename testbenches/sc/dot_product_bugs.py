"""Mistakes that people make in `sc.dot_product`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.dot_product import (
    ALWAYS_POSITIVE,
    ALWAYS_UP,
    COUNTS_IN_STALL,
    COUNTS_ON,
    CURRENT_CHANGES,
    IGNORES_RESTART,
    KEEPS_TOTAL,
    NEVER_FALLS,
    OVERTAKES,
    TIES_TO_ZERO,
    WRAPS,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("keeps-total", KEEPS_TOTAL, "rises", SCOREBOARD),
    KnownBug("counts-on", COUNTS_ON, "rises", SCOREBOARD),
    KnownBug("overtakes", OVERTAKES, "rises", SCOREBOARD),
    KnownBug("counts-in-stall", COUNTS_IN_STALL, "rises", SCOREBOARD),
    KnownBug("current-changes", CURRENT_CHANGES, "rises", PROTOCOL),
    KnownBug("ignores-restart", IGNORES_RESTART, "rises", SCOREBOARD),
    KnownBug("always-up", ALWAYS_UP, "rises", SCOREBOARD),
    KnownBug("never-falls", NEVER_FALLS, "falls", SCOREBOARD),
    KnownBug("always-positive", ALWAYS_POSITIVE, "rises", SCOREBOARD),
    KnownBug("ties-to-zero", TIES_TO_ZERO, "xnor", SCOREBOARD),
    KnownBug("wraps", WRAPS, "saturates", SCOREBOARD),
)
