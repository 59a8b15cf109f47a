"""Mistakes that people make in `aer.priority_queue`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.arbiter_mutants import TICK_OVERTAKEN
from spikelock.formal.aer.priority_queue_mutants import (
    COUNT_WRAPS,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    IN_TURN,
    LAST_TRAP_ONLY,
    MARK_DROPPED,
    MARK_HAS_NO_ROOM,
    NO_TRAP,
    NOT_CLEARED,
    WAITS_TOO_SOON,
    WRONG_CLASS,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "stall", SCOREBOARD),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "stall", SCOREBOARD),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "stall", SCOREBOARD),
    KnownBug("wrong-class", WRONG_CLASS, "stall", SCOREBOARD),
    KnownBug("waits-too-soon", WAITS_TOO_SOON, "stall", SCOREBOARD),
    KnownBug("no-trap", NO_TRAP, "drop", SCOREBOARD),
    KnownBug("last-trap-only", LAST_TRAP_ONLY, "drop", SCOREBOARD),
    KnownBug("count-wraps", COUNT_WRAPS, "drop", SCOREBOARD),
    KnownBug("mark-has-no-room", MARK_HAS_NO_ROOM, "drop", Catch(Detector.TIMEOUT, "rtl")),
    KnownBug("mark-dropped", MARK_DROPPED, "stall", Catch(Detector.PROOF, "drop")),
    KnownBug("not-cleared", NOT_CLEARED, "drop", Catch(Detector.PROOF, "drop")),
    KnownBug("in-turn", IN_TURN, "stall", Catch(Detector.PROOF, "strictness")),
)
