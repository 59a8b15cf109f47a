"""Mistakes that people make in `link.endpoint`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.link.endpoint_mutants import (
    ACKNOWLEDGED_UNDELIVERED,
    DUPLICATE_UNANSWERED,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    OPENED_TWICE,
    SESSION_IGNORED,
    SLOT_REFILLED,
    STALE_ACKNOWLEDGEMENT,
    WINDOW_TOO_LARGE,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
TIMEOUT = Catch(Detector.TIMEOUT, "rtl")

BUGS = (
    KnownBug("number-not-checked", NUMBER_NOT_CHECKED, "bytes", SCOREBOARD),
    KnownBug("stale-acknowledgement", STALE_ACKNOWLEDGEMENT, "fewest-numbers", SCOREBOARD),
    KnownBug("acknowledged-undelivered", ACKNOWLEDGED_UNDELIVERED, "full-buffers", SCOREBOARD),
    KnownBug("window-too-large", WINDOW_TOO_LARGE, "fewest-numbers", SCOREBOARD),
    KnownBug("never-again", NEVER_AGAIN, "bytes", TIMEOUT),
    KnownBug("duplicate-unanswered", DUPLICATE_UNANSWERED, "fewest-numbers", TIMEOUT),
    KnownBug("opened-twice", OPENED_TWICE, "bytes", Catch(Detector.PROOF, "session")),
    KnownBug("session-ignored", SESSION_IGNORED, "bytes", Catch(Detector.PROOF, "receiving")),
    KnownBug("slot-refilled", SLOT_REFILLED, "fewest-numbers", Catch(Detector.PROOF, "sending")),
)
