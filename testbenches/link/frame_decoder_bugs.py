"""Mistakes that people make in `link.frame_decoder`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.link.frame_decoder_mutants import (
    BEFORE_THE_CHECK,
    BLOCK_TOO_SHORT,
    CRC_DELIVERED,
    CRC_OF_ENCODED,
    CRC_UNCHECKED,
    CUT_OFF_ACCEPTED,
    DROPPED_SILENTLY,
    EMPTY_IS_ERROR,
    FRAME_OVERWRITTEN,
    TOO_LONG_FORGOTTEN,
    ZERO_AFTER_FULL_BLOCK,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("crc-unchecked", CRC_UNCHECKED, "lines", SCOREBOARD),
    KnownBug("crc-of-wrong-span", CRC_OF_ENCODED, "lines", SCOREBOARD),
    KnownBug("crc-delivered", CRC_DELIVERED, "lines", SCOREBOARD),
    KnownBug("before-the-check", BEFORE_THE_CHECK, "lines", SCOREBOARD),
    KnownBug("zero-after-full-block", ZERO_AFTER_FULL_BLOCK, "lines", SCOREBOARD),
    KnownBug("full-block-too-short", BLOCK_TOO_SHORT, "lines", SCOREBOARD),
    KnownBug("empty-frame-is-error", EMPTY_IS_ERROR, "lines", SCOREBOARD),
    KnownBug("cut-off-accepted", CUT_OFF_ACCEPTED, "lines", SCOREBOARD),
    KnownBug("frame-overwritten", FRAME_OVERWRITTEN, "lines", SCOREBOARD),
    KnownBug("dropped-silently", DROPPED_SILENTLY, "lines", SCOREBOARD),
    KnownBug("too-long-forgotten", TOO_LONG_FORGOTTEN, "lines", SCOREBOARD),
)
