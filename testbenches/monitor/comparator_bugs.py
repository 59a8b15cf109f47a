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
    KnownBug("taken-alone", ALONE, "bytes", SCOREBOARD),
    KnownBug("expected-stays", LEFT, "bytes", SCOREBOARD),
    KnownBug("always-compares", ALWAYS_COMPARES, "bytes", SCOREBOARD),
    KnownBug("reports-again", REPORTS_AGAIN, "bytes", SCOREBOARD),
    KnownBug("never-anew", NEVER_ANEW, "bytes", SCOREBOARD),
    KnownBug("counts-difference", COUNTS_DIFFERENCE, "bytes", SCOREBOARD),
    KnownBug("counts-on", COUNTS_ON, "bytes", SCOREBOARD),
    KnownBug("drops-difference", DROPS_DIFFERENCE, "bytes", SCOREBOARD),
    KnownBug("swapped", SWAPPED, "bytes", SCOREBOARD),
    KnownBug("overwrites", OVERWRITES, "bytes", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("forgets-report", FORGETS_REPORT, "bytes", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("stops", STOPS, "bytes", Catch(Detector.PROOF, "comparison")),
)
