"""Mistakes that people make in `sc.up_down_counter`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.up_down_counter import MOVES_IN_STALL, UP_WINS, WRAPS, WRAPS_DOWN
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("wraps", WRAPS, "four-bits", SCOREBOARD),
    KnownBug("wraps-down", WRAPS_DOWN, "four-bits", SCOREBOARD),
    KnownBug("up-wins", UP_WINS, "four-bits", SCOREBOARD),
    KnownBug("moves-in-stall", MOVES_IN_STALL, "four-bits", PROTOCOL),
)
