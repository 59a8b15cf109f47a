"""Mistakes that people make in `chiplet.scrambler`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.scrambler import RUNS_AHEAD, SEED_HIDDEN, SEED_UNREAD, WRONG_TAP
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("wrong-tap", WRONG_TAP, "eight", SCOREBOARD),
    KnownBug("seed-unread", SEED_UNREAD, "eight", SCOREBOARD),
    KnownBug("seed-hidden", SEED_HIDDEN, "thirty-two", SCOREBOARD),
    KnownBug("runs-ahead", RUNS_AHEAD, "eight", Catch(Detector.PROOF, "undone")),
)
