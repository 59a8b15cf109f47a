"""Mistakes that people make in `link.uart`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.link.uart_mutants import (
    BREAK_IS_START,
    FRAMING_SILENT,
    HIGHEST_BIT_FIRST,
    NO_STOP_BIT,
    OVERRUN_OVERWRITES,
    OVERRUN_SILENT,
    PHASE_GOES_ON,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("highest-bit-first", HIGHEST_BIT_FIRST, "four-clocks", SCOREBOARD),
    KnownBug("no-stop-bit", NO_STOP_BIT, "four-clocks", SCOREBOARD),
    KnownBug("framing-error-silent", FRAMING_SILENT, "four-clocks", SCOREBOARD),
    KnownBug("overrun-silent", OVERRUN_SILENT, "four-clocks", SCOREBOARD),
    KnownBug("overrun-overwrites", OVERRUN_OVERWRITES, "four-clocks", SCOREBOARD),
    KnownBug("break-is-start", BREAK_IS_START, "transmitter-3-percent-slow", SCOREBOARD),
    KnownBug("phase-goes-on", PHASE_GOES_ON, "transmitter-3-percent-slow", SCOREBOARD),
)
