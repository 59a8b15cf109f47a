"""Mistakes that people make in `aer.handshake`, and what must catch each.

No tick is overtaken: there is never more than one event on the wires.
"""

from __future__ import annotations

from spikelock.formal.aer.handshake_mutants import (
    ACKNOWLEDGE_DROPPED,
    DATA_CHANGED_TOO_EARLY,
    DATA_READ_LATE,
    DATA_WITH_REQUEST,
    DOUBLED_ON_STALL,
    NEVER_LOWERED,
    NO_WAIT_FOR_LOW,
    OVERWRITTEN,
    RECEIVER_WITHOUT_SYNCHRONISER,
    REQUEST_DROPPED,
    SENDER_WITHOUT_SYNCHRONISER,
    STAGE_MISSING,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
TIMEOUT = Catch(Detector.TIMEOUT, "rtl")
SENDING = Catch(Detector.PROOF, "sender")
RECEIVING = Catch(Detector.PROOF, "receiver")

BUGS = (
    KnownBug("data-changed-too-early", DATA_CHANGED_TOO_EARLY, "slow-wires", SCOREBOARD),
    KnownBug("data-with-request", DATA_WITH_REQUEST, "slow-wires", SENDING),
    KnownBug("request-dropped", REQUEST_DROPPED, "slow-wires", SCOREBOARD),
    KnownBug("no-wait-for-low", NO_WAIT_FOR_LOW, "slow-wires", SCOREBOARD),
    KnownBug("never-lowered", NEVER_LOWERED, "slow-wires", TIMEOUT),
    KnownBug("acknowledge-dropped", ACKNOWLEDGE_DROPPED, "slow-wires", SCOREBOARD),
    KnownBug("dropped-on-full", OVERWRITTEN, "short-wires", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "short-wires", SCOREBOARD),
    KnownBug("data-read-late", DATA_READ_LATE, "slow-wires", RECEIVING),
    KnownBug("sender-without-synchroniser", SENDER_WITHOUT_SYNCHRONISER, "slow-wires", SENDING),
    KnownBug("receiver-without-synchroniser", RECEIVER_WITHOUT_SYNCHRONISER, "slow-wires", RECEIVING),
    KnownBug("stage-missing", STAGE_MISSING, "three-stages", RECEIVING),
)
