"""Mistakes that people make in `sc.sobol`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.number_source import IGNORES_RESTART, STALL_STEPS
from spikelock.formal.sc.sobol import ALL_BELOW, OLD_SHIFT, WRAPS_WRONG
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("wraps-wrong", WRAPS_WRONG, "second-dimension", SCOREBOARD),
    KnownBug("all-directions", ALL_BELOW, "second-dimension", SCOREBOARD),
    KnownBug("shift-forgotten", OLD_SHIFT, "van-der-corput", SCOREBOARD),
    KnownBug("restart-ignored", IGNORES_RESTART, "van-der-corput", SCOREBOARD),
    KnownBug("steps-in-stall", STALL_STEPS, "van-der-corput", PROTOCOL),
)
