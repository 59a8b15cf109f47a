"""Chooses the formats of a population: enough bits for what can happen, and the rest for precision."""

from __future__ import annotations

import math

import numpy as np

from spikelock.models.errors import RangeError
from spikelock.models.fixed import signed
from spikelock.models.neurons.lif import ResetMode

from .discretise import Step


def potential_range(step: Step, reset: ResetMode) -> tuple[float, float]:
    """Lowest and highest potential that matter; infinite where nothing bounds them.

    Lowest: every source with a negative weight fires at every tick. Highest: with reset by subtraction, the
    same for positive weights, as what is above threshold stays and adds up; with reset to value, how far
    above threshold a potential is makes no difference.
    """
    excitation, inhibition = np.zeros(step.neurons), np.zeros(step.neurons)
    for weights in step.weights.values():
        excitation += np.maximum(weights, 0).sum(axis=1)
        inhibition += np.minimum(weights, 0).sum(axis=1)
    low = min(0.0, step.rest, step.rest + settled(float((inhibition + step.bias).min()), step.leak))
    high = max(1.0, step.rest)
    if reset is ResetMode.SUBTRACT:
        most = float((excitation + step.bias).max())
        high = max(high, high + step.leak * (step.rest - high) + most, step.rest + settled(most, step.leak))
    return low, high


def settled(each_tick: float, leak: float) -> float:
    """Where leak and a constant input come to balance, relative to rest."""
    if each_tick == 0:
        return 0.0
    return each_tick / leak if leak else math.copysign(math.inf, each_tick)


def rounding_units(leak: float) -> float:
    """Units of the last bit by which rounding can move a potential: one each tick against the leak, and a
    few."""
    return 4 + (1 / leak if leak else 0)


def membrane_fraction(width: int, low: float, high: float, leak: float, most_units: float = math.inf) -> int:
    """Fraction bits that leave room for the range, at least half the width; fewer where 2^fraction would
    exceed `most_units`."""
    aside = rounding_units(leak)
    for fraction in range(width - 2, 0, -1):
        q = signed(width, fraction)
        fits = low * 2**fraction - aside >= q.minimum and high * 2**fraction + aside <= q.maximum
        if 2**fraction <= most_units and (fits or fraction <= width // 2):
            return fraction
    return 1


def coefficient_fraction(value: float, width: int) -> int:
    """Fraction bits that give a coefficient the most precision: as many as fit."""
    for fraction in range(width, -1, -1):
        if round(value * 2**fraction) <= (1 << (width - 1)) - 1:
            return fraction
    raise RangeError(f"coefficient {value:.4g} does not fit {width} bits; use a larger coefficient_width")


def weight_lsb(step: Step, width: int) -> float:
    """What the last bit of a weight must be worth for the largest to fit."""
    most = (1 << (width - 1)) - 1
    largest = max(float(np.abs(w).max()) for w in step.weights.values())
    if largest == 0:  # the biases, then, as finely as if they were weights
        largest = float(np.abs(step.bias).max()) or float(most)
    return largest / most


def gain_of(name: str, lsb: float, width: int, fraction: int) -> tuple[int, int]:
    """The gain, at least lsb · 2^fraction, and its fraction bits: as many as fit.

    Raises RangeError where even none do.
    """
    for gain_fraction in range(width, -1, -1):
        exact = math.ceil(lsb * 2.0 ** (fraction + gain_fraction))
        if exact <= most_gain(width):
            return max(1, exact), gain_fraction
    raise RangeError(
        f"{name}: one unit of a weight is {lsb * 2**fraction:.4g} units of potential, more than a gain of "
        f"{width} bits can be; use a membrane_fraction below {fraction}, a larger coefficient_width or a "
        "larger weight_width"
    )


def most_gain(width: int) -> int:
    """The largest gain without fraction."""
    return (1 << (width - 1)) - 1
