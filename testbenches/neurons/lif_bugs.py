"""Mistakes that people make in `neurons.lif`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.neurons.lif_mutants import (
    ABOVE_THRESHOLD,
    ENDLESS_PERIOD,
    FIRES_REFRACTORY,
    GAIN_SCALE,
    HALF_RATE,
    INPUT_OVERWRITES,
    LEAK_SIGN,
    LIF,
    LONGER_PERIOD,
    NO_NOISE,
    NO_RESET,
    OUTPUT_STAYS,
    REFRACTORY_AT_RESET,
    RESET_FORGETS_LFSR,
    RESET_FORGETS_MEMBRANE,
    RESET_FORGETS_REFRACTORY,
    SAME_RANDOM,
    SATURATES_LATE_BELOW,
    SHORTER_PERIOD,
    STEPS_IN_STALL,
    TIE_TO_ODD,
    WRAPS,
)
from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")
PROTOCOL = Catch(Detector.PROTOCOL, "rtl")
RESET = Catch(Detector.RESET, "rtl")

PASS_ON = """\
        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
"""
PASS_ON_LATE = """\
        pending = Signal()
        m.d.comb += self.input.ready.eq(~pending & ~self.output.valid)
        m.d.sync += pending.eq(self.input.ready & self.input.valid)
        with m.If(pending):
            m.d.sync += self.output.valid.eq(1)
        with m.Elif(self.output.ready):
            m.d.sync += self.output.valid.eq(0)
"""
PASS_ON_AT_HALF_RATE = """\
        m.d.comb += self.input.ready.eq(~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.Elif(self.output.ready):
            m.d.sync += self.output.valid.eq(0)
"""
SUBTRACTS_ONE_MORE = "fitted - value.threshold"

BUGS = (
    KnownBug("above-threshold", ABOVE_THRESHOLD, "rest-and-reset", SCOREBOARD),
    KnownBug("input-overwrites", INPUT_OVERWRITES, "default", PROTOCOL),
    KnownBug("reset-forgets-membrane", RESET_FORGETS_MEMBRANE, "default", RESET),
    KnownBug("leak-sign", LEAK_SIGN, "default", SCOREBOARD),
    KnownBug(
        "leak-rounding",
        Mutant(
            "the leak is rounded up",
            LIF,
            "return shift_right(kept, params.leak_fraction",
            "return shift_right(kept + (1 << params.leak_fraction) - 1, params.leak_fraction",
        ),
        "default",
        SCOREBOARD,
    ),
    KnownBug("tie-to-odd", TIE_TO_ODD, "subtract", SCOREBOARD),
    KnownBug("wraps", WRAPS, "default", SCOREBOARD),
    KnownBug("saturates-late", SATURATES_LATE_BELOW, "default", SCOREBOARD),
    KnownBug(
        "saturates-early",
        Mutant(
            "the lowest value is one too high",
            LIF,
            "Mux(below, lowest, wrapped)",
            "Mux(below, lowest + 1, wrapped)",
        ),
        "default",
        SCOREBOARD,
    ),
    KnownBug(
        "subtracts-one-more",
        Mutant(
            "a spike subtracts one more than the threshold",
            LIF,
            SUBTRACTS_ONE_MORE,
            f"{SUBTRACTS_ONE_MORE} - 1",
        ),
        "subtract",
        SCOREBOARD,
    ),
    KnownBug("refractory-longer", LONGER_PERIOD, "rest-and-reset", SCOREBOARD),
    KnownBug("refractory-shorter", SHORTER_PERIOD, "rest-and-reset", SCOREBOARD),
    KnownBug("refractory-for-ever", ENDLESS_PERIOD, "rest-and-reset", SCOREBOARD),
    KnownBug("refractory-at-reset", REFRACTORY_AT_RESET, "rest-and-reset", SCOREBOARD),
    KnownBug("fires-refractory", FIRES_REFRACTORY, "rest-and-reset", SCOREBOARD),
    KnownBug("no-reset", NO_RESET, "default", SCOREBOARD),
    KnownBug("no-noise", NO_NOISE, "published", SCOREBOARD),
    KnownBug("gain-scale", GAIN_SCALE, "wide", SCOREBOARD),
    KnownBug("same-random", SAME_RANDOM, "stochastic", SCOREBOARD),
    KnownBug("steps-in-stall", STEPS_IN_STALL, "default", PROTOCOL),
    KnownBug("output-duplicated", OUTPUT_STAYS, "default", SCOREBOARD),
    KnownBug("output-stuck", HALF_RATE, "default", Catch(Detector.TIMEOUT, "rtl")),
    KnownBug(
        "half-rate",
        Mutant("no input is taken while an output is read", LIF, PASS_ON, PASS_ON_AT_HALF_RATE),
        "default",
        Catch(Detector.TIMING, "rtl"),
    ),
    KnownBug(
        "late",
        Mutant("an output comes one cycle late", LIF, PASS_ON, PASS_ON_LATE),
        "default",
        Catch(Detector.TIMING, "cocotb"),
    ),
    KnownBug("reset-forgets-refractory", RESET_FORGETS_REFRACTORY, "rest-and-reset", RESET),
    KnownBug("reset-forgets-lfsr", RESET_FORGETS_LFSR, "stochastic", RESET),
    KnownBug("unknown-after-reset", RESET_FORGETS_MEMBRANE, "default", Catch(Detector.UNKNOWN, "icarus")),
    KnownBug(
        "one-rest-in-65536",
        Mutant(
            "one value of the rest potential is taken for its neighbour",
            LIF,
            "self.next_membrane.eq(value.rest)",
            "self.next_membrane.eq(value.rest ^ (value.rest == 12345))",
        ),
        "rest-and-reset",
        Catch(Detector.PROOF, "refractory"),
    ),
)
