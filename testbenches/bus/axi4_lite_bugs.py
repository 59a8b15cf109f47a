"""Mistakes that people make in `bus.axi4_lite`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.bus.axi4_lite_mutants import (
    ADDRESS_ALONE,
    ALWAYS_OKAY,
    DATA_ALONE,
    NOT_TOLD,
    READS_STARVE,
    RESPONSE_UNTAKEN,
    TOLD_TWICE,
)
from spikelock.formal.bus.register_access_mutants import (
    ALIASED,
    ANSWERED_FIRST,
    LATE_ADDRESS,
    READ_ONLY_WRITTEN,
    STROBES_IGNORED,
    STROBES_REVERSED,
    WRITE_LOST,
)
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("address-alone", ADDRESS_ALONE, "default", SCOREBOARD),
    KnownBug("data-alone", DATA_ALONE, "default", SCOREBOARD),
    KnownBug("answered-first", ANSWERED_FIRST, "default", SCOREBOARD),
    KnownBug("strobes-ignored", STROBES_IGNORED, "default", SCOREBOARD),
    KnownBug("strobes-reversed", STROBES_REVERSED, "wide", SCOREBOARD),
    KnownBug("late-address", LATE_ADDRESS, "default", SCOREBOARD),
    KnownBug("aliased", ALIASED, "default", SCOREBOARD),
    KnownBug("read-only-written", READ_ONLY_WRITTEN, "default", SCOREBOARD),
    KnownBug("write-lost", WRITE_LOST, "default", SCOREBOARD),
    KnownBug("always-okay", ALWAYS_OKAY, "others", SCOREBOARD),
    KnownBug("told-twice", TOLD_TWICE, "default", SCOREBOARD),
    KnownBug("response-untaken", RESPONSE_UNTAKEN, "default", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("not-told", NOT_TOLD, "default", Catch(Detector.SCOREBOARD, "rtl")),
    KnownBug("reads-starve", READS_STARVE, "default", Catch(Detector.PROOF, "channels")),
)
