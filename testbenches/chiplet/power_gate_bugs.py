"""Mistakes that people make in `chiplet.power_gate`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.chiplet.power_gate_mutants import (
    CLAMPED_TOO_LATE,
    DOUBLED_WHEN_SLOW,
    FIRST_CHANNEL_ONLY,
    LATCH_OFF,
    LOST_WHEN_SLOW,
    NEVER_BACK,
    NOT_IDLE,
    OLD_SUPPLY,
    OVERWRITTEN,
    RATE_OFF_BY_ONE,
    RELEASED_TOO_EARLY,
    RESET_TOO_SHORT,
    SUPPLY_NOT_AWAITED,
    UNEVEN,
    VALID_NOT_CLAMPED,
    WAITS_FOR_NOISE,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
SWITCHING = Catch(Detector.PROOF, "switching")
THROTTLE = Catch(Detector.PROOF, "throttle")

BUGS = (
    KnownBug("isolated-before-drained", NOT_IDLE, "two-channels", SCOREBOARD),
    KnownBug("first-channel-only", FIRST_CHANNEL_ONLY, "two-channels", SWITCHING),
    KnownBug("clamped-too-late", CLAMPED_TOO_LATE, "two-channels", SWITCHING),
    KnownBug("released-too-early", RELEASED_TOO_EARLY, "two-channels", SCOREBOARD),
    KnownBug("valid-not-clamped", VALID_NOT_CLAMPED, "two-channels", SCOREBOARD),
    KnownBug("held-word-lost-with-power", LATCH_OFF, "two-channels", SCOREBOARD),
    KnownBug("waits-for-noise", WAITS_FOR_NOISE, "two-channels", Catch(Detector.PROOF, "isolation")),
    KnownBug("reset-too-short", RESET_TOO_SHORT, "two-channels", SCOREBOARD),
    KnownBug("supply-not-awaited", SUPPLY_NOT_AWAITED, "two-channels", SCOREBOARD),
    KnownBug("old-supply", OLD_SUPPLY, "one-channel", SWITCHING),
    KnownBug("never-back", NEVER_BACK, "one-channel", Catch(Detector.TIMEOUT, "rtl")),
    KnownBug("word-doubled-at-a-slow-clock", DOUBLED_WHEN_SLOW, "two-channels", SCOREBOARD),
    KnownBug("word-lost-at-a-slow-clock", LOST_WHEN_SLOW, "one-channel", SCOREBOARD),
    KnownBug("overwritten", OVERWRITTEN, "seldom-off", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("rate-off-by-one", RATE_OFF_BY_ONE, "seldom-off", SCOREBOARD),
    KnownBug("clocks-in-a-burst", UNEVEN, "two-channels", THROTTLE),
)
