"""Proofs of `neurons.lif`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.mutant import Mutant
from spikelock.models.neurons.lif import COMPACT, PUBLISHED, Params, ResetMode

from ..proof import Proof
from .lif_mutants import (
    ABOVE_THRESHOLD,
    COMPARES_WRAPPED,
    ENDLESS_PERIOD,
    FIRES_REFRACTORY,
    FIXED,
    GAIN_SCALE,
    HALF_RATE,
    INPUT_OVERWRITES,
    LEAK_SIGN,
    LIF,
    LONGER_PERIOD,
    NEVER_WRAPS,
    NO_NOISE,
    NO_RESET,
    OUTPUT_STAYS,
    REFRACTORY_AT_RESET,
    RESET_FORGETS_LFSR,
    RESET_FORGETS_MEMBRANE,
    RESET_FORGETS_REFRACTORY,
    SAME_RANDOM,
    SATURATES_LATE,
    SATURATES_LATE_BELOW,
    SHORTER_PERIOD,
    STEPS_IN_STALL,
    TIE_TO_ODD,
    WRAPS,
)
from .lif_properties import refractory, reset, saturation, spike, step, stream

WHATEVER = "for all inputs, registers, stalls and resets"
WHATEVER_CONSTANT = "for all inputs, stalls and resets"


def _step(name: str, formats: str, params: Params, *mutants: Mutant, free_products: bool = False) -> Proof:
    whatever = WHATEVER_CONSTANT if params.constants else WHATEVER
    return Proof(
        core="neurons.lif",
        name=name,
        says=f"Each output equals the equation, {whatever}: {formats}.",
        params=params,
        properties=step,
        mutants=mutants,
        free_products=free_products,
    )


def _single(properties: Any, says: str, params: Params, *mutants: Mutant) -> Proof:
    return Proof(
        core="neurons.lif",
        name=properties.__name__,
        says=says,
        params=params,
        properties=properties,
        mutants=mutants,
    )


PROOFS = (
    _step(
        "step",
        "16 bits, floor, saturating, reset to value",
        Params(),
        LEAK_SIGN,
        ABOVE_THRESHOLD,
        LONGER_PERIOD,
        SHORTER_PERIOD,
        ENDLESS_PERIOD,
        COMPARES_WRAPPED,
        SATURATES_LATE_BELOW,
        STEPS_IN_STALL,
        Mutant(
            "half the potential is kept",
            LIF,
            "membrane.eq(step.next_membrane),\n                refractory",
            "membrane.eq(step.next_membrane >> 1),\n                refractory",
        ),
        NO_RESET,
        REFRACTORY_AT_RESET,
    ),
    _step(
        "step, published",
        "`PUBLISHED`, 16 bits, floor, wrapping, with noise",
        PUBLISHED,
        NEVER_WRAPS,
        NO_NOISE,
        LEAK_SIGN,
    ),
    _step(
        "step, reset by subtraction",
        "16 bits, floor, saturating, reset by subtraction",
        Params(reset_mode=ResetMode.SUBTRACT),
        Mutant("the reset value is subtracted", LIF, "fitted - value.threshold", "fitted - value.reset"),
        SATURATES_LATE,
    ),
    _step(
        "step, nearest-even",
        "16 bits, rounding to nearest, ties to even",
        Params(rounding=Rounding.NEAREST_EVEN),
        TIE_TO_ODD,
        Mutant(
            "all above the half counts as a tie",
            FIXED,
            "half & (below_half | tie_goes_up)",
            "half & tie_goes_up",
        ),
        Mutant("no tie goes up", FIXED, "half & (below_half | tie_goes_up)", "half & below_half"),
        free_products=True,
    ),
    _step(
        "step, nearest-away",
        "16 bits, rounding to nearest, ties away from zero",
        Params(rounding=Rounding.NEAREST_AWAY),
        Mutant("a negative tie goes up", FIXED, "else ~_negative(value)", "else Const(1)"),
        free_products=True,
    ),
    _step(
        "step, stochastic",
        "16 bits, rounding with a 16-bit LFSR",
        Params(rounding=Rounding.STOCHASTIC),
        SAME_RANDOM,
        Mutant(
            "the LFSR moves on without a step",
            LIF,
            "with m.If(self.input.ready & self.input.valid):\n                m.d.sync += random",
            "with m.If(self.input.ready):\n                m.d.sync += random",
        ),
        Mutant("the LFSR has a wrong tap", FIXED, "state[tap] for tap", "state[tap - 1] for tap"),
    ),
    _step(
        "step, trap",
        "16 bits, floor, reset by subtraction",
        Params(overflow=Overflow.TRAP, reset_mode=ResetMode.SUBTRACT),
        Mutant("overflow of the remainder is not flagged", LIF, "above | beyond", "above"),
        Mutant(
            "overflow is flagged only with a spike", LIF, "self.overflow.eq(below)]", "self.overflow.eq(0)]"
        ),
    ),
    _step(
        "step, unequal formats",
        "potential 24 bits, current 10, leak and gain 18 with 12 and 5 of fraction, period 4; saturating",
        Params(
            width=24,
            fraction=12,
            current_width=10,
            coefficient_width=18,
            leak_fraction=12,
            gain_fraction=5,
            refractory_width=4,
        ),
        GAIN_SCALE,
    ),
    _step(
        "step, compact",
        "`COMPACT`, 16 bits, floor, saturating, leak 1/16, gain 1, period 3, no registers",
        COMPACT,
        Mutant("a constant is one too high", LIF, "Const(setting.reset)", "Const(setting.reset + 1)"),
        LEAK_SIGN,
        ABOVE_THRESHOLD,
        SHORTER_PERIOD,
        COMPARES_WRAPPED,
        SATURATES_LATE_BELOW,
        STEPS_IN_STALL,
    ),
    _single(
        saturation,
        f"The sum saturates and never wraps, {WHATEVER}: 16 bits, floor.",
        Params(),
        COMPARES_WRAPPED,
        SATURATES_LATE_BELOW,
        WRAPS,
    ),
    _single(
        spike,
        "A spike exactly when the threshold is reached and the neuron is not refractory, "
        f"{WHATEVER}: 16 bits, floor, saturating.",
        Params(),
        ABOVE_THRESHOLD,
        SHORTER_PERIOD,
        FIRES_REFRACTORY,
    ),
    _single(
        refractory,
        "Refractoriness lasts exactly `refractory_period` steps, at rest and without spikes, "
        f"{WHATEVER}: 16 bits, floor, saturating, periods of 0 … 255.",
        Params(),
        LONGER_PERIOD,
        SHORTER_PERIOD,
        ENDLESS_PERIOD,
    ),
    _single(
        reset,
        "After reset, at power-up or later, the neuron is at rest and not refractory, its LFSR is at the "
        "seed, and no output waits.",
        Params(rest=-7, rounding=Rounding.STOCHASTIC),
        RESET_FORGETS_MEMBRANE,
        RESET_FORGETS_REFRACTORY,
        RESET_FORGETS_LFSR,
        Mutant("powers up at zero instead of rest", LIF, "init=params.rest)", "init=0)"),
    ),
    _single(
        stream,
        "No transaction is lost, duplicated or changed by a stall; an output follows its input by one cycle, "
        "and an input is accepted in every cycle in which no output is stalled.",
        Params(),
        INPUT_OVERWRITES,
        OUTPUT_STAYS,
        Mutant(
            "an output is dropped while it is stalled",
            LIF,
            "with m.If(self.input.ready):",
            "with m.If(self.input.ready | ~self.input.valid):",
        ),
        STEPS_IN_STALL,
        HALF_RATE,
    ),
)
