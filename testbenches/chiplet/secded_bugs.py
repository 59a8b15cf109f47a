"""Mistakes that people make in `chiplet.secded`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.secded import CHECK_UNSEEN, EVEN_COLUMNS, LEFT_WRONG, TWO_ARE_ONE
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("even-columns", EVEN_COLUMNS, "eight", Catch(Detector.PROOF, "of 8")),
    KnownBug("two-are-one", TWO_ARE_ONE, "eight", SCOREBOARD),
    KnownBug("left-wrong", LEFT_WRONG, "eight", SCOREBOARD),
    KnownBug("check-unseen", CHECK_UNSEEN, "sixty-four", SCOREBOARD),
)
