"""Mistakes that people make in `chiplet.bridge`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.bridge_mutants import (
    AGAIN_FOR_NOTHING,
    ASKS_NEVER,
    BINARY_POINTERS,
    CREDIT_IGNORED,
    CREDIT_LEAKS,
    CREDIT_TOO_MANY,
    CUT_UNCOUNTED,
    DEAD_UNSEEN,
    DEAF_UNSEEN,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    GAP,
    HEARS_ALL,
    LATE_AGAIN,
    NEVER_AGAIN,
    NOT_PUT_RIGHT,
    NUMBER_NOT_CHECKED,
    OTHER_KIND,
    OVERFULL,
    PADDED,
    REPLAY_OFF_BY_ONE,
    REPORTED_LATE,
    STALE_CREDIT,
    UNCHECKED,
    UNSETTLED,
    WHOLE_WINDOW,
    WINDOW_TOO_LARGE,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

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
    KnownBug("never-again", NEVER_AGAIN, "whole", SCOREBOARD),
    KnownBug("hears-all", HEARS_ALL, "fewest-numbers", SCOREBOARD),
    KnownBug("reported-late", REPORTED_LATE, "whole", SCOREBOARD),
    KnownBug("asks-never", ASKS_NEVER, "whole", SCOREBOARD),
    KnownBug("late-again", LATE_AGAIN, "whole", SCOREBOARD),
    KnownBug("other-kind", OTHER_KIND, "unharmed", SCOREBOARD),
    KnownBug("cut-uncounted", CUT_UNCOUNTED, "whole", SCOREBOARD),
    KnownBug("gap", GAP, "unharmed", SCOREBOARD),
    KnownBug("not-put-right", NOT_PUT_RIGHT, "whole", SCOREBOARD),
    KnownBug("padded", PADDED, "fewest-unharmed", SCOREBOARD),
    KnownBug("overfull", OVERFULL, "whole", SCOREBOARD),
    KnownBug("whole-window", WHOLE_WINDOW, "late-acknowledgements", SCOREBOARD),
)
