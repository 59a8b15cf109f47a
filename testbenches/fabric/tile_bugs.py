"""Mistakes that people make in `fabric.tile`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.fabric.tile_mutants import (
    ADDRESS_OF_AXON,
    ENDLESS_WALK,
    EVENT_CHANGES,
    EVENT_DROPPED,
    EVENT_TAKEN_TWICE,
    LAST_SYNAPSE,
    NO_BIAS,
    RESTART_FORGETS_ACCUMULATORS,
    RESTART_FORGETS_LFSR,
    RESTART_TO_RESET,
    SPIKE_DROPPED,
    STALE_ACCUMULATOR,
    TICK_OVERTAKES,
    TILE,
    UNKNOWN_IS_AXON,
    WALK_WAITS,
    WEIGHT_LOST,
    WEIGHT_SIGN,
    WRONG_NEURON,
)
from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
TIMEOUT = Catch(Detector.TIMEOUT, "rtl")
RESET = Catch(Detector.RESET, "rtl")

BUGS = (
    KnownBug("stale-accumulator", STALE_ACCUMULATOR, "feed-forward", SCOREBOARD),
    KnownBug("event-dropped", EVENT_DROPPED, "feed-forward", PROTOCOL),
    KnownBug("tick-overtakes-spike", TICK_OVERTAKES, "feed-forward", SCOREBOARD),
    KnownBug("weight-sign", WEIGHT_SIGN, "feed-forward", SCOREBOARD),
    KnownBug("weight-lost", WEIGHT_LOST, "feed-forward", Catch(Detector.PROOF, "neurons")),
    KnownBug("last-synapse", LAST_SYNAPSE, "single", SCOREBOARD),
    KnownBug("no-bias", NO_BIAS, "feed-forward", SCOREBOARD),
    KnownBug("wrong-neuron", WRONG_NEURON, "feed-forward", SCOREBOARD),
    KnownBug("event-taken-twice", EVENT_TAKEN_TWICE, "feed-forward", SCOREBOARD),
    KnownBug("event-changes", EVENT_CHANGES, "feed-forward", PROTOCOL),
    KnownBug("spike-dropped", SPIKE_DROPPED, "feed-forward", PROTOCOL),
    KnownBug("address-of-axon", ADDRESS_OF_AXON, "feed-forward", SCOREBOARD),
    KnownBug("unknown-is-axon", UNKNOWN_IS_AXON, "feed-forward", SCOREBOARD),
    KnownBug("endless-walk", ENDLESS_WALK, "feed-forward", TIMEOUT),
    KnownBug("walk-waits", WALK_WAITS, "feed-forward", TIMEOUT),
    KnownBug("restart-forgets-accumulators", RESTART_FORGETS_ACCUMULATORS, "feed-forward", SCOREBOARD),
    KnownBug("restart-forgets-lfsr", RESTART_FORGETS_LFSR, "stochastic", SCOREBOARD),
    KnownBug("restart-to-reset", RESTART_TO_RESET, "recurrent", SCOREBOARD),
    KnownBug(
        "waits-for-ready",
        Mutant(
            "an event is offered only to who is ready",
            TILE,
            'with m.State("PASS"):\n                m.d.comb += self.output.valid.eq(1)',
            'with m.State("PASS"):\n                m.d.comb += self.output.valid.eq(self.output.ready)',
        ),
        "feed-forward",
        TIMEOUT,
    ),
    KnownBug(
        "reset-forgets-sweep",
        Mutant(
            "reset forgets that a tick was under way",
            TILE,
            "sweeping = Signal()",
            "sweeping = Signal(reset_less=True)",
        ),
        "recurrent",
        RESET,
    ),
    KnownBug(
        "reset-forgets-delivered",
        Mutant(
            "reset forgets how many rows of a tick were delivered",
            TILE,
            "fired_done = Signal.like(index)",
            "fired_done = Signal.like(index, reset_less=True)",
        ),
        "recurrent",
        RESET,
    ),
)
