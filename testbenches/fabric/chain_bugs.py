"""Mistakes that people make in `fabric.chain`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.fabric.chain_mutants import (
    EVENT_DROPPED,
    LOAD_TAKEN_TWICE,
    MEMORIES_SHIFTED,
    WRONG_REGISTERS,
)
from spikelock.formal.fabric.tile_mutants import STALE_ACCUMULATOR
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("event-dropped", EVENT_DROPPED, "two", SCOREBOARD),
    KnownBug("wrong-registers", WRONG_REGISTERS, "two", SCOREBOARD),
    KnownBug("memories-shifted", MEMORIES_SHIFTED, "two", SCOREBOARD),
    KnownBug("load-taken-twice", LOAD_TAKEN_TWICE, "two", Catch(Detector.PROOF, "settings")),
    KnownBug("stale-accumulator", STALE_ACCUMULATOR, "three", Catch(Detector.SCOREBOARD, "cocotb")),
)
