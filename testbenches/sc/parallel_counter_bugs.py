"""Mistakes that people make in `sc.parallel_counter`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.parallel_counter import (
    COUNTS_IN_STALL,
    KEEPS_TOTAL,
    LOSES_A_STREAM,
    OUT_TOO_OFTEN,
    WRAPS,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("keeps-total", KEEPS_TOTAL, "saturates", SCOREBOARD),
    KnownBug("wraps", WRAPS, "saturates", SCOREBOARD),
    KnownBug("counts-in-stall", COUNTS_IN_STALL, "saturates", PROTOCOL),
    KnownBug("stream-lost", LOSES_A_STREAM, "saturates", SCOREBOARD),
    KnownBug("count-too-often", OUT_TOO_OFTEN, "saturates", SCOREBOARD),
)
