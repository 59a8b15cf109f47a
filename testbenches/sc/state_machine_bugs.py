"""Mistakes that people make in `sc.state_machine`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.state_machine import (
    LAST_LEFT_OUT,
    MOVES_IN_STALL,
    PAST_THE_TOP,
    PAST_ZERO,
    STARTS_AT_ZERO,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("past-the-top", PAST_THE_TOP, "tanh-8-1", SCOREBOARD),
    KnownBug("past-zero", PAST_ZERO, "tanh-8-1", SCOREBOARD),
    KnownBug("starts-at-zero", STARTS_AT_ZERO, "tanh-8-1", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "tanh-8-1", PROTOCOL),
    KnownBug("last-left-out", LAST_LEFT_OUT, "exponential-10-3", SCOREBOARD),
)
