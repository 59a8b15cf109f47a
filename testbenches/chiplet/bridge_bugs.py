"""Mistakes that people make in `chiplet.bridge`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.bridge_mutants import (
    CREDIT_IGNORED,
    CREDIT_TOO_MANY,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    REPLAY_OFF_BY_ONE,
    UNCHECKED,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
TIMEOUT = Catch(Detector.TIMEOUT, "rtl")

BUGS = (
    KnownBug("number-not-checked", NUMBER_NOT_CHECKED, "whole", SCOREBOARD),
    KnownBug("unchecked", UNCHECKED, "fewest-numbers", SCOREBOARD),
    KnownBug("credit-ignored", CREDIT_IGNORED, "fewest-numbers", SCOREBOARD),
    KnownBug("credit-too-many", CREDIT_TOO_MANY, "fewest-numbers", SCOREBOARD),
    KnownBug("replay-off-by-one", REPLAY_OFF_BY_ONE, "whole", TIMEOUT),
    KnownBug("never-again", NEVER_AGAIN, "whole", TIMEOUT),
)
