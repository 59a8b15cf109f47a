"""Mistakes that people make in `aer.encoder`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.encoder_mutants import (
    BASE_FORGOTTEN,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    HIGHEST_FIRST,
    ONE_OF_SEVERAL,
    TICK_OF_THE_NEXT,
    TICK_OVERTAKEN,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "few", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "few", SCOREBOARD),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "few", SCOREBOARD),
    KnownBug("one-of-several", ONE_OF_SEVERAL, "many", SCOREBOARD),
    KnownBug("highest-first", HIGHEST_FIRST, "many", SCOREBOARD),
    KnownBug("base-forgotten", BASE_FORGOTTEN, "few", SCOREBOARD),
    KnownBug("tick-of-the-next", TICK_OF_THE_NEXT, "few", Catch(Detector.PROOF, "step")),
)
