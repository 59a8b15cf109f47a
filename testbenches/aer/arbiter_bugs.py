"""Mistakes that people make in `aer.arbiter`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.arbiter_mutants import (
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    HIGHEST_FIRST,
    MARK_TAKEN_ALONE,
    MOVES_WITHOUT_A_TRANSFER,
    NEVER_MOVES_ON,
    SERVED_AGAIN,
    TICK_OVERTAKEN,
    WRONG_PAYLOAD,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "round-robin", SCOREBOARD),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "round-robin", SCOREBOARD),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "round-robin", SCOREBOARD),
    KnownBug("mark-taken-alone", MARK_TAKEN_ALONE, "priority", SCOREBOARD),
    KnownBug("wrong-payload", WRONG_PAYLOAD, "round-robin", SCOREBOARD),
    KnownBug("never-moves-on", NEVER_MOVES_ON, "round-robin", SCOREBOARD),
    KnownBug("highest-first", HIGHEST_FIRST, "priority", SCOREBOARD),
    KnownBug("served-again", SERVED_AGAIN, "round-robin", SCOREBOARD),
    KnownBug("moves-without-a-transfer", MOVES_WITHOUT_A_TRANSFER, "round-robin", SCOREBOARD),
)
