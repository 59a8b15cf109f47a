"""Mistakes that people make in `sc.sobol`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.number_source import IGNORES_RESTART, STALL_STEPS
from spikelock.formal.sc.sobol import ALL_BELOW, LAST_MISSING, OLD_SHIFT
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("last-direction-missing", LAST_MISSING, "second-dimension", SCOREBOARD),
    KnownBug("all-directions", ALL_BELOW, "second-dimension", SCOREBOARD),
    KnownBug("shift-forgotten", OLD_SHIFT, "van-der-corput", SCOREBOARD),
    KnownBug("restart-ignored", IGNORES_RESTART, "van-der-corput", SCOREBOARD),
    KnownBug("steps-in-stall", STALL_STEPS, "van-der-corput", PROTOCOL),
)
