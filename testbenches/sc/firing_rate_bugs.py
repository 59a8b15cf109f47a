"""Mistakes that people make in `sc.firing_rate`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.firing_rate import (
    COUNTS_IN_STALL,
    IGNORES_RESTART,
    KEEPS_COUNTS,
    NEIGHBOUR,
    ONE_TICK_SHORT,
    OTHER_OVERFLOW,
    RESTARTS_ANYWHERE,
    STALE_COUNT,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("keeps-counts", KEEPS_COUNTS, "wraps", SCOREBOARD),
    KnownBug("ignores-restart", IGNORES_RESTART, "wraps", SCOREBOARD),
    KnownBug("restarts-anywhere", RESTARTS_ANYWHERE, "wraps", SCOREBOARD),
    KnownBug("stale-count", STALE_COUNT, "single", SCOREBOARD),
    KnownBug("neighbour", NEIGHBOUR, "wraps", SCOREBOARD),
    KnownBug("counts-in-stall", COUNTS_IN_STALL, "single", PROTOCOL),
    KnownBug("one-tick-short", ONE_TICK_SHORT, "wraps", SCOREBOARD),
    KnownBug("other-overflow", OTHER_OVERFLOW, "wraps", SCOREBOARD),
)
