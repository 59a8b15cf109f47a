"""Mistakes that people make in `sc.lfsr`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.number_source import DROPS_WHEN_STALLED, IGNORES_RESTART, NEVER_STARTED, STALL_STEPS
from spikelock.formal.sc.lfsr import MASK, TAPS, ZERO_STAYS
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("seed-zero-stays", ZERO_STAYS, "seed-zero", SCOREBOARD),
    KnownBug("tap-missing", TAPS, "published-fibonacci_left", SCOREBOARD),
    KnownBug("mask-inverted", MASK, "published-galois", SCOREBOARD),
    KnownBug("restart-ignored", IGNORES_RESTART, "published-fibonacci_right", SCOREBOARD),
    KnownBug("never-started", NEVER_STARTED, "published-fibonacci_left", SCOREBOARD),
    KnownBug("steps-in-stall", STALL_STEPS, "published-fibonacci_left", PROTOCOL),
    KnownBug("request-lost", DROPS_WHEN_STALLED, "published-fibonacci_left", PROTOCOL),
)
