"""Mistakes that people make in `sc.tile`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.tile import (
    LAST_INPUT_LOST,
    RESTART_FOR_EVER,
    RESTART_KEEPS_SPIKES,
    RESTART_LOST,
    SECOND_SPIKE_CLEARS,
    SILENCE_COUNTS,
    SPIKE_DROPPED,
    SPIKES_STAY,
    TICK_OVERTAKES,
    UNKNOWN_IS_AXON,
    WRONG_ADDRESS,
    WRONG_SOURCE,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("input-lost", LAST_INPUT_LOST, "and", Catch(Detector.TIMEOUT, "rtl")),
    KnownBug("wrong-source", WRONG_SOURCE, "and", SCOREBOARD),
    KnownBug("spikes-stay", SPIKES_STAY, "and", SCOREBOARD),
    KnownBug("restart-keeps-spikes", RESTART_KEEPS_SPIKES, "and", SCOREBOARD),
    KnownBug("restart-lost", RESTART_LOST, "and", SCOREBOARD),
    KnownBug("restart-for-ever", RESTART_FOR_EVER, "and", SCOREBOARD),
    KnownBug("unknown-is-axon", UNKNOWN_IS_AXON, "and", SCOREBOARD),
    KnownBug("wrong-address", WRONG_ADDRESS, "and", SCOREBOARD),
    KnownBug("tick-overtakes", TICK_OVERTAKES, "and", SCOREBOARD),
    KnownBug("spike-dropped", SPIKE_DROPPED, "and", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("silence-counts", SILENCE_COUNTS, "xnor", SCOREBOARD),
    KnownBug("second-spike-clears", SECOND_SPIKE_CLEARS, "and", SCOREBOARD),
)
