"""Mistakes that people make in `chiplet.bridge`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.bridge_mutants import (
    AGAIN_FOR_NOTHING,
    BINARY_POINTERS,
    CREDIT_IGNORED,
    CREDIT_LEAKS,
    CREDIT_TOO_MANY,
    DEAD_UNSEEN,
    DEAF_UNSEEN,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    REPLAY_OFF_BY_ONE,
    STALE_CREDIT,
    UNCHECKED,
    UNSETTLED,
    WINDOW_TOO_LARGE,
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
    KnownBug("window-too-large", WINDOW_TOO_LARGE, "whole", Catch(Detector.PROOF, "sending")),
    KnownBug("stale-credit", STALE_CREDIT, "whole", Catch(Detector.PROOF, "receiving")),
    KnownBug("credit-leaks", CREDIT_LEAKS, "whole", Catch(Detector.PROOF, "receiving")),
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "whole", SCOREBOARD),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "whole", SCOREBOARD),
    KnownBug("wrong-gray-order", BINARY_POINTERS, "whole", Catch(Detector.PROOF, "gray")),
    KnownBug("dead-unseen", DEAD_UNSEEN, "whole", Catch(Detector.PROOF, "line")),
    KnownBug("deaf-unseen", DEAF_UNSEEN, "whole", Catch(Detector.PROOF, "line")),
    KnownBug("unsettled", UNSETTLED, "fewest-numbers", Catch(Detector.RESET, "rtl")),
    KnownBug("again-for-nothing", AGAIN_FOR_NOTHING, "unharmed", SCOREBOARD),
    KnownBug("never-again", NEVER_AGAIN, "whole", TIMEOUT),
)
