"""Mistakes that people make in `fabric.mesh`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.aer.router_mutants import (
    DEAD_SENDS,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    LOST_UNCOUNTED,
    TICK_OVERTAKEN,
)
from spikelock.formal.fabric import mesh_mutants as broken
from spikelock.formal.fabric.node_mutants import EVERY_STEP
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("links-crossed", broken.LINKS_CROSSED, "row", Catch(Detector.PROOF, "wires")),
    KnownBug("event-dropped", broken.EVENT_DROPPED, "row", Catch(Detector.PROOF, "wires")),
    KnownBug("memories-shifted", broken.MEMORIES_SHIFTED, "row", SCOREBOARD),
    KnownBug("wrong-settings", broken.WRONG_SETTINGS, "row", Catch(Detector.PROOF, "settings")),
    KnownBug("load-taken-twice", broken.LOAD_TAKEN_TWICE, "row", Catch(Detector.PROOF, "settings")),
    KnownBug("dropped-on-full", DROPPED_ON_FULL, "row", SCOREBOARD),
    KnownBug("doubled-on-stall", DOUBLED_ON_STALL, "row", SCOREBOARD),
    KnownBug("tick-overtaken", TICK_OVERTAKEN, "row", SCOREBOARD),
    KnownBug("every-step", EVERY_STEP, "row", SCOREBOARD),
    KnownBug("steps-of-first", broken.STEPS_OF_FIRST, "row", SCOREBOARD),
    KnownBug("counters-of-first", broken.COUNTERS_OF_FIRST, "row", SCOREBOARD),
    KnownBug("faults-hidden", broken.FAULTS_HIDDEN, "row", SCOREBOARD),
    KnownBug("lost-uncounted", LOST_UNCOUNTED, "row", SCOREBOARD),
    KnownBug("dead-sends", DEAD_SENDS, "row", SCOREBOARD),
)
