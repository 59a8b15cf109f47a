"""Mistakes that people make in `sc.dense`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.dense_mutants import (
    ALWAYS_UP,
    CURRENT_WRAPS,
    GAIN_AFTER_SHIFT,
    GOES_ON,
    IDLE_LANE_COUNTS,
    INPUT_LOST,
    KEEPS_TOTAL,
    LAST_INPUT_WAITS,
    NO_BIAS,
    ONE_STEP_SHORT,
    OTHER_BANKS,
    RESTART_FOR_EVER,
    RESTART_FORGETS_LFSR,
    RESTART_FORGOTTEN,
    SPIKE_DROPPED,
    STANDS_STILL,
    WRONG_NEURON,
    WRONG_TOTAL,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
TIMEOUT = Catch(Detector.TIMEOUT, "rtl")

BUGS = (
    KnownBug("input-lost", INPUT_LOST, "folded", SCOREBOARD),
    KnownBug("spike-dropped", SPIKE_DROPPED, "folded", PROTOCOL),
    KnownBug("last-input-waits", LAST_INPUT_WAITS, "convolution", TIMEOUT),
    KnownBug("restart-forgotten", RESTART_FORGOTTEN, "folded", SCOREBOARD),
    KnownBug("restart-for-ever", RESTART_FOR_EVER, "folded", SCOREBOARD),
    KnownBug("restart-forgets-lfsr", RESTART_FORGETS_LFSR, "xnor", SCOREBOARD),
    KnownBug("goes-on", GOES_ON, "folded", SCOREBOARD),
    KnownBug("stands-still", STANDS_STILL, "folded", SCOREBOARD),
    KnownBug("always-up", ALWAYS_UP, "folded", SCOREBOARD),
    KnownBug("idle-lane-counts", IDLE_LANE_COUNTS, "xnor", SCOREBOARD),
    KnownBug("keeps-total", KEEPS_TOTAL, "folded", SCOREBOARD),
    KnownBug("one-step-short", ONE_STEP_SHORT, "folded", SCOREBOARD),
    KnownBug("wrong-total", WRONG_TOTAL, "folded", SCOREBOARD),
    KnownBug("no-bias", NO_BIAS, "folded", SCOREBOARD),
    KnownBug("current-wraps", CURRENT_WRAPS, "folded-any-bits", SCOREBOARD),
    KnownBug("gain-after-shift", GAIN_AFTER_SHIFT, "folded", SCOREBOARD),
    KnownBug("wrong-neuron", WRONG_NEURON, "folded", SCOREBOARD),
    KnownBug("other-banks", OTHER_BANKS, "folded", SCOREBOARD),
)
