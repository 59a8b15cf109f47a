"""Mistakes that people make in `monitor.comparator`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.monitor.comparator import (
    ALONE,
    ALWAYS_COMPARES,
    COUNTS_DIFFERENCE,
    COUNTS_ON,
    DROPS_DIFFERENCE,
    FORGETS_REPORT,
    LEFT,
    NEVER_ANEW,
    OVERWRITES,
    REPORTS_AGAIN,
    STOPS,
    SWAPPED,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("taken-alone", ALONE, "default", SCOREBOARD),
    KnownBug("expected-stays", LEFT, "default", SCOREBOARD),
    KnownBug("always-compares", ALWAYS_COMPARES, "default", SCOREBOARD),
    KnownBug("reports-again", REPORTS_AGAIN, "default", SCOREBOARD),
    KnownBug("never-anew", NEVER_ANEW, "default", SCOREBOARD),
    KnownBug("counts-difference", COUNTS_DIFFERENCE, "default", SCOREBOARD),
    KnownBug("counts-on", COUNTS_ON, "default", SCOREBOARD),
    KnownBug("drops-difference", DROPS_DIFFERENCE, "default", SCOREBOARD),
    KnownBug("swapped", SWAPPED, "default", SCOREBOARD),
    KnownBug("overwrites", OVERWRITES, "default", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("forgets-report", FORGETS_REPORT, "default", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("stops", STOPS, "default", Catch(Detector.PROOF, "comparison")),
)
