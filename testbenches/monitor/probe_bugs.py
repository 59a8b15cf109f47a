"""Mistakes that people make in `monitor.probe`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.monitor.probe_mutants import (
    ALWAYS_REPEATS,
    EDGE_AT_ONCE,
    IGNORES_MASK,
    MARK_BESIDE,
    NEVER_REPEATS,
    OLD_MATCHES,
    OLDEST_LOST,
    ONE_LATE,
    ONE_LOST,
    ONE_MORE,
    OVERFILLED,
    SKIPS,
    TAKES_WHILE_SENDING,
    UNARMED,
    VALUE_ONLY,
    WINDOW_FOR_EVER,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("one-late", ONE_LATE, "value", SCOREBOARD),
    KnownBug("one-lost", ONE_LOST, "value", SCOREBOARD),
    KnownBug("oldest-lost", OLDEST_LOST, "value", SCOREBOARD),
    KnownBug("overfilled", OVERFILLED, "value", SCOREBOARD),
    KnownBug("takes-while-sending", TAKES_WHILE_SENDING, "value", SCOREBOARD),
    KnownBug("mark-beside", MARK_BESIDE, "value", SCOREBOARD),
    KnownBug("skips", SKIPS, "value", SCOREBOARD),
    KnownBug("ignores-mask", IGNORES_MASK, "value", SCOREBOARD),
    KnownBug("edge-at-once", EDGE_AT_ONCE, "edge", SCOREBOARD),
    KnownBug("window-for-ever", WINDOW_FOR_EVER, "rate", SCOREBOARD),
    KnownBug("old-matches", OLD_MATCHES, "rate", SCOREBOARD),
    KnownBug("one-more", ONE_MORE, "rate", SCOREBOARD),
    KnownBug("always-repeats", ALWAYS_REPEATS, "once", SCOREBOARD),
    KnownBug("never-repeats", NEVER_REPEATS, "value", SCOREBOARD),
    KnownBug("unarmed", UNARMED, "value", Catch(Detector.PROOF, "captures")),
    KnownBug("value-only", VALUE_ONLY, "external", SCOREBOARD),
)
