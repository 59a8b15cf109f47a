"""Mistakes that people make in `aer.decoder`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.decoder_mutants import (
    COUNT_WRAPS,
    COUNTS_GO_ON,
    DOUBLED_IS_HIDDEN,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    LATE_IS_SET,
    ONE_MORE_NEURON,
    TICK_OVERTAKEN,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "few", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "few", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "few", SCOREBOARD),
    KnownBug("doubled-is-hidden", DOUBLED_IS_HIDDEN, "few", SCOREBOARD),
    KnownBug("one-more-neuron", ONE_MORE_NEURON, "few", SCOREBOARD),
    KnownBug("count-wraps", COUNT_WRAPS, "few", SCOREBOARD),
    KnownBug("counts-go-on", COUNTS_GO_ON, "many", SCOREBOARD),
    KnownBug("late-is-set", LATE_IS_SET, "few", Catch(Detector.PROOF, "step")),
)
