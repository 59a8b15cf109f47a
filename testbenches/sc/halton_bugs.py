"""Mistakes that people make in `sc.halton`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.number_source import IGNORES_RESTART, STALL_STEPS
from spikelock.formal.sc.halton import CARRY_LOST, DIGIT_TOO_FAR
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("carry-lost", CARRY_LOST, "base-3", SCOREBOARD),
    KnownBug("digit-too-far", DIGIT_TOO_FAR, "base-3", SCOREBOARD),
    KnownBug("restart-ignored", IGNORES_RESTART, "base-2", SCOREBOARD),
    KnownBug("steps-in-stall", STALL_STEPS, "base-2", PROTOCOL),
)
