"""Mistakes that people make in `aer.fifo`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.fifo_mutants import (
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    NOT_TAKEN,
    OCCUPANCY_WITHOUT_OUTPUT,
    SMALLER,
    TICK_OVERTAKEN,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
PROOF = Catch(Detector.PROOF, "order")

BUGS = (
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "shallow", SCOREBOARD),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "shallow", SCOREBOARD),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "deep", SCOREBOARD),
    KnownBug("not-taken", NOT_TAKEN, "deep", SCOREBOARD),
    KnownBug("occupancy-without-output", OCCUPANCY_WITHOUT_OUTPUT, "deep", PROOF),
    KnownBug("smaller", SMALLER, "deep", PROOF),
)
