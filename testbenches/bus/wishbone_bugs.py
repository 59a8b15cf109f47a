"""Mistakes that people make in `bus.wishbone`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.bus.register_access_mutants import (
    ALIASED,
    ANSWERED_FIRST,
    LATE_ADDRESS,
    READ_ONLY_WRITTEN,
    STROBES_IGNORED,
    STROBES_REVERSED,
    WRITE_LOST,
)
from spikelock.formal.bus.wishbone_mutants import (
    NEVER_ENDS,
    NEVER_ERROR,
    READS_ZERO,
    STALE_ANSWER,
    TAKEN_EARLY,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("strobes-ignored", STROBES_IGNORED, "default", SCOREBOARD),
    KnownBug("strobes-reversed", STROBES_REVERSED, "wide", SCOREBOARD),
    KnownBug("aliased", ALIASED, "default", SCOREBOARD),
    KnownBug("read-only-written", READ_ONLY_WRITTEN, "default", SCOREBOARD),
    KnownBug("write-lost", WRITE_LOST, "default", SCOREBOARD),
    KnownBug("never-error", NEVER_ERROR, "default", SCOREBOARD),
    KnownBug("reads-zero", READS_ZERO, "default", SCOREBOARD),
    KnownBug("taken-early", TAKEN_EARLY, "default", SCOREBOARD),
    KnownBug("late-address", LATE_ADDRESS, "default", Catch(Detector.PROOF, "registers")),
    KnownBug("answered-first", ANSWERED_FIRST, "default", Catch(Detector.PROOF, "registers")),
    KnownBug("stale-answer", STALE_ANSWER, "default", Catch(Detector.PROOF, "transfers")),
    KnownBug("never-ends", NEVER_ENDS, "default", Catch(Detector.PROOF, "transfers")),
)
