"""Mistakes that people make in `sc.counter`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.number_source import IGNORES_RESTART, STALL_STEPS
from spikelock.formal.sc.counter import BACKWARDS, OLD_START
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("backwards", BACKWARDS, "narrow", SCOREBOARD),
    KnownBug("start-forgotten", OLD_START, "narrow", SCOREBOARD),
    KnownBug("restart-ignored", IGNORES_RESTART, "narrow", SCOREBOARD),
    KnownBug("steps-in-stall", STALL_STEPS, "narrow", PROTOCOL),
)
