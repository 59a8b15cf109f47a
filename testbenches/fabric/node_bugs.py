"""Mistakes that people make in `fabric.node`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.fabric import node_mutants as broken
from spikelock.formal.fabric.tile_mutants import STALE_ACCUMULATOR
from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("no-first-mark", broken.NO_FIRST_MARK, "three-steps", SCOREBOARD),
    KnownBug("every-step", broken.EVERY_STEP, "three-steps", SCOREBOARD),
    KnownBug("restart-is-a-tick", broken.RESTART_IS_A_TICK, "three-steps", SCOREBOARD),
    KnownBug("restart-counts", broken.RESTART_COUNTS, "three-steps", SCOREBOARD),
    KnownBug("passed-on", broken.PASSED_ON, "three-steps", SCOREBOARD),
    KnownBug("no-base", broken.NO_BASE, "three-steps", SCOREBOARD),
    KnownBug("dropped-on-full", broken.DROPPED_ON_FULL, "three-steps", SCOREBOARD),
    KnownBug("doubled-on-stall", broken.DOUBLED_ON_STALL, "three-steps", SCOREBOARD),
    KnownBug("uncounted", broken.UNCOUNTED, "three-steps", Catch(Detector.PROOF, "steps")),
    KnownBug("mark-dropped", broken.MARK_DROPPED, "three-steps", SCOREBOARD),
    KnownBug("tick-overtaken", broken.TICK_OVERTAKES, "three-steps", SCOREBOARD),
    KnownBug("shallow", broken.SHALLOW, "three-steps", Catch(Detector.PROOF, "room")),
    KnownBug("not-waited-for", broken.NOT_WAITED_FOR, "three-steps", Catch(Detector.PROOF, "steps")),
    KnownBug("stale-accumulator", STALE_ACCUMULATOR, "three-steps", SCOREBOARD),
    KnownBug(
        "reset-forgets-step",
        Mutant(
            "reset forgets in which step of a tick it was",
            broken.NODE,
            "step = Signal.like(self.registers.step)",
            "step = Signal.like(self.registers.step, reset_less=True)",
        ),
        "three-steps",
        Catch(Detector.RESET, "rtl"),
    ),
)
