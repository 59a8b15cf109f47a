"""Mistakes that people make in `link.frame_encoder`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.link.frame_encoder_mutants import (
    CODE_OFF_BY_ONE,
    CRC_BYTES_SWAPPED,
    CRC_OF_TWO_BODIES,
    CRC_WITHOUT_LAST_BYTE,
    DROPPED_SILENTLY,
    FRAME_OVERWRITTEN,
    ONE_BYTE_TOO_MANY,
    ZERO_INSIDE,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("crc-of-wrong-span", CRC_WITHOUT_LAST_BYTE, "bodies", SCOREBOARD),
    KnownBug("crc-bytes-swapped", CRC_BYTES_SWAPPED, "bodies", SCOREBOARD),
    KnownBug("crc-goes-on", CRC_OF_TWO_BODIES, "bodies", SCOREBOARD),
    KnownBug("code-off-by-one", CODE_OFF_BY_ONE, "bodies", SCOREBOARD),
    KnownBug("zero-inside", ZERO_INSIDE, "bodies", SCOREBOARD),
    KnownBug("frame-overwritten", FRAME_OVERWRITTEN, "bodies", SCOREBOARD),
    KnownBug("one-byte-too-many", ONE_BYTE_TOO_MANY, "bodies", SCOREBOARD),
    KnownBug("dropped-silently", DROPPED_SILENTLY, "bodies", SCOREBOARD),
)
