"""Mistakes that people make in `chiplet.bridge`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.bridge_mutants import (
    BINARY_POINTERS,
    CREDIT_IGNORED,
    CREDIT_TOO_MANY,
    DEAD_UNSEEN,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    REPLAY_OFF_BY_ONE,
    STALE_CREDIT,
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
    KnownBug("replay-off-by-one", REPLAY_OFF_BY_ONE, "whole", Catch(Detector.PROOF, "sending")),
    KnownBug("stale-credit", STALE_CREDIT, "whole", Catch(Detector.PROOF, "receiving")),
    KnownBug("wrong-gray-order", BINARY_POINTERS, "whole", Catch(Detector.PROOF, "gray")),
    KnownBug("dead-unseen", DEAD_UNSEEN, "whole", Catch(Detector.PROOF, "line")),
    KnownBug("never-again", NEVER_AGAIN, "whole", TIMEOUT),
)
