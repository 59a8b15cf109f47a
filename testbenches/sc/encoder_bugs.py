"""Mistakes that people make in `sc.encoder`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.encoder import (
    AT_MOST,
    NOT_BIPOLAR,
    ONE_VALUE,
    SHIFTS_IN_STALL,
    STARTS_AT_ZERO,
    TURNS_BACK,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("at-most", AT_MOST, "unipolar", SCOREBOARD),
    KnownBug("not-bipolar", NOT_BIPOLAR, "bipolar-lanes", SCOREBOARD),
    KnownBug("turns-back", TURNS_BACK, "lanes", SCOREBOARD),
    KnownBug("shifts-in-stall", SHIFTS_IN_STALL, "lanes", PROTOCOL),
    KnownBug("one-value-for-all", ONE_VALUE, "held", SCOREBOARD),
    KnownBug("delay-starts-at-zero", STARTS_AT_ZERO, "lanes", SCOREBOARD),
)
