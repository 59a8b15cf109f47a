"""Mistakes that people make in `aer.router`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer import router_mutants as broken
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
RESET = Catch(Detector.RESET, "rtl")
COUNTED = Catch(Detector.PROOF, "counters")

BUGS = (
    KnownBug("dropped-on-full", broken.DROPPED_ON_FULL, "two-links", SCOREBOARD),
    KnownBug("doubled-on-stall", broken.DOUBLED_ON_STALL, "two-links", SCOREBOARD),
    KnownBug("tick-overtaken", broken.TICK_OVERTAKEN, "two-links", SCOREBOARD),
    KnownBug("mark-let-go", broken.MARK_LET_GO, "two-links", SCOREBOARD),
    KnownBug("mark-twice", broken.MARK_TWICE, "two-links", SCOREBOARD),
    KnownBug("mark-dropped", broken.MARK_DROPPED, "two-links", SCOREBOARD),
    KnownBug("last-entry", broken.LAST_ENTRY, "two-links", SCOREBOARD),
    KnownBug("unused-entry", broken.UNUSED_ENTRY, "two-links", SCOREBOARD),
    KnownBug("no-mask", broken.NO_MASK, "two-links", SCOREBOARD),
    KnownBug("back", broken.BACK, "four-links", SCOREBOARD),
    KnownBug("any-turn", broken.ANY_TURN, "two-links", SCOREBOARD),
    KnownBug("dead-sends", broken.DEAD_SENDS, "two-links", SCOREBOARD),
    KnownBug("dead-receives", broken.DEAD_RECEIVES, "two-links", SCOREBOARD),
    KnownBug("wrong-address", broken.WRONG_ADDRESS, "two-links", SCOREBOARD),
    KnownBug("reset-clears-table", broken.RESET_CLEARS_TABLE, "two-links", RESET),
    KnownBug("not-counted", broken.NOT_COUNTED, "two-links", COUNTED),
    KnownBug("one-queue-waits", broken.ONE_QUEUE_WAITS, "two-links", Catch(Detector.PROOF, "progress")),
    KnownBug("never-looked-up", broken.NEVER_LOOKED_UP, "two-links", SCOREBOARD),
    KnownBug("lowest-first", broken.LOWEST_FIRST, "two-links", SCOREBOARD),
    KnownBug("lost-uncounted", broken.LOST_UNCOUNTED, "two-links", COUNTED),
)
