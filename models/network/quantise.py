"""From a network in real numbers to a `Program` of integers, and a report of what that costs.

A potential x is the integer x · 2^fraction. A weight w is the integer w / lsb, rounded to nearest even, where
the lsb of a population is chosen so that the tile's `gain` converts it to potential exactly:

    gain / 2^gain_fraction = lsb · 2^fraction

so the only error of a weight is its own rounding. Biases are counted in the same lsb, with as many bits as
they need.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import tile
from spikelock.models.fixed import Overflow, Q, Rounding, quantise_array, signed
from spikelock.models.neurons import lif

from .discretise import Fires, Step, Stepped
from .formats import (
    coefficient_fraction,
    gain_of,
    membrane_fraction,
    most_gain,
    potential_range,
    rounding_units,
    settled,
    weight_lsb,
)
from .graph import Reals
from .lower import INPUT
from .program import Population, Program
from .report import Parameter, Report

WIDEST_CURRENT = 32
"""Bits of the widest accumulator quantisation makes."""


@dataclass(frozen=True)
class Quantisation:
    """Formats and what to do with numbers beyond them.

    membrane_width, membrane_fraction: format of the potential. No fraction given: as many bits as leave room
        for every potential the weights can produce, but at least half the width.
    weight_width: bits of a weight. weight_lsb: what the last bit is worth, in units of v_threshold − v_reset;
        not given: as little as the largest weight of the population allows.
    coefficient_width: bits of leak and gain. rounding: of the products with them, in hardware.
    saturate: weights beyond their format become the nearest that fits; otherwise they are an error.
    """

    membrane_width: int = 16
    membrane_fraction: int | None = None
    weight_width: int = 8
    weight_lsb: float | None = None
    coefficient_width: int = 16
    rounding: Rounding = Rounding.NEAREST_EVEN
    saturate: bool = False

    def __post_init__(self) -> None:
        for name, least in (("membrane_width", 4), ("weight_width", 2), ("coefficient_width", 2)):
            if not least <= getattr(self, name) <= 32:
                raise BadInput(f"{name} = {getattr(self, name)}: must be {least} … 32 bits")
        highest = self.membrane_width - 2
        if self.membrane_fraction is not None and not 1 <= self.membrane_fraction <= highest:
            raise BadInput(
                f"membrane_fraction = {self.membrane_fraction}: must be 1 … {highest}, for a threshold of 1 "
                f"to fit {self.membrane_width} bits"
            )
        if self.weight_lsb is not None and not (math.isfinite(self.weight_lsb) and self.weight_lsb > 0):
            raise BadInput(f"weight_lsb = {self.weight_lsb}: must be a finite number above 0, such as 1/64")


def quantise(network: Stepped, choices: Quantisation) -> tuple[Program, Report]:
    """The integers, and the report.

    Raises RangeError where a weight does not fit and `saturate` is not set, where another parameter does not
    fit, or where a leak or weight lsb is too small to be told from zero.
    """
    addresses = {INPUT: 0}
    axons = network.inputs
    populations, parameters, notes = [], [], list(network.notes)
    for step in network.populations:
        population, reports, remarks = _population(step, network, choices, addresses, axons)
        populations.append(population)
        parameters += reports
        notes += remarks
        addresses[step.name] = axons
        axons += step.neurons
    return Program(network.inputs, tuple(populations), network.output), Report(
        tuple(parameters), tuple(notes)
    )


def _population(
    step: Step, network: Stepped, choices: Quantisation, addresses: Mapping[str, int], axons: int
) -> tuple[Population, list[Parameter], list[str]]:
    how = network.discretisation
    wanted = choices.weight_lsb or weight_lsb(step, choices.weight_width)
    fraction = choices.membrane_fraction or membrane_fraction(
        choices.membrane_width,
        *potential_range(step, how.reset),
        step.leak,
        most_gain(choices.coefficient_width) / wanted,
    )
    gain, gain_fraction = gain_of(step.name, wanted, choices.coefficient_width, fraction)
    lsb = gain * 2.0 ** -(fraction + gain_fraction)
    weights, bias = _weights(step, choices, lsb), _bias(step, lsb)
    neuron = lif.Params(
        width=choices.membrane_width,
        fraction=fraction,
        current_width=WIDEST_CURRENT,
        coefficient_width=choices.coefficient_width,
        gain_fraction=gain_fraction,
        refractory_width=1,
        reset_mode=how.reset,
        rounding=choices.rounding,
        overflow=Overflow.SATURATE,
        rest=_rest(step, signed(choices.membrane_width, fraction)),
        reset=0,
        # An integer above 2^fraction is one of at least 2^fraction + 1: the strict comparison of NIR,
        # exactly.
        threshold=(1 << fraction) + (how.fires is Fires.ABOVE_THRESHOLD),
        leak_fraction=coefficient_fraction(step.leak, choices.coefficient_width),
        leak=_leak(step, choices.coefficient_width),
        gain=gain,
    )
    population = _loaded(step, neuron, choices, weights, bias, {**addresses, step.name: axons}, axons)
    exact = Step(  # what the integers stand for
        step.name,
        neuron.leak * 2.0**-neuron.leak_fraction,
        neuron.rest * 2.0**-fraction,
        bias.astype(np.float64) * lsb,
        {source: raw.astype(np.float64) * lsb for source, raw in weights.items()},
    )
    return population, _parameters(step, exact, population.exact, lsb), _notes(exact, neuron)


def _weights(step: Step, choices: Quantisation, lsb: float) -> dict[str, NDArray[np.int64]]:
    q = signed(choices.weight_width)
    overflow = Overflow.SATURATE if choices.saturate else Overflow.TRAP
    remedy = "a larger weight_width, a larger weight_lsb, or saturate"
    weights = {
        source: _integers(f"{step.name}: weight", real, lsb, q, remedy, overflow)
        for source, real in step.weights.items()
    }
    largest = max(float(np.abs(real).max()) for real in step.weights.values())
    if largest and not any(raw.any() for raw in weights.values()):
        raise RangeError(
            f"{step.name}: every weight rounds to 0: the largest is {largest:.4g}, one bit {lsb:.4g}; a "
            "smaller weight_lsb, a larger coefficient_width or a larger membrane_fraction works"
        )
    return weights


def _bias(step: Step, lsb: float) -> NDArray[np.int64]:
    remedy = "a larger weight_lsb, in which biases are counted,"
    return _integers(f"{step.name}: bias", step.bias, lsb, signed(WIDEST_CURRENT), remedy)


def _rest(step: Step, q: Q) -> int:
    remedy = "a larger membrane_width or a smaller membrane_fraction"
    return int(_integers(f"{step.name}: rest", np.array([step.rest]), 2.0**-q.fraction, q, remedy)[0])


def _leak(step: Step, width: int) -> int:
    leak = round(step.leak * 2.0 ** coefficient_fraction(step.leak, width))
    if step.leak > 0 and leak == 0:
        raise RangeError(
            f"{step.name}: leak = {step.leak:.3g} a tick rounds to 0 in {width} bits; a larger dt, or "
            f"coefficient_width = {width + 8}, works"
        )
    return leak


def _loaded(
    step: Step,
    neuron: lif.Params,
    choices: Quantisation,
    weights: Mapping[str, NDArray[np.int64]],
    bias: NDArray[np.int64],
    addresses: Mapping[str, int],
    axons: int,
) -> Population:
    """The tile with its memories, its accumulators as narrow as is safe. Weights of 0 need no synapse."""
    sources, targets, values = [], [], []
    for source, matrix in weights.items():
        target, index = np.nonzero(matrix)
        sources.append(index + addresses[source])
        targets.append(target)
        values.append(matrix[target, index])
    every = [np.concatenate(parts).astype(np.int64) for parts in (sources, targets, values)]
    params = tile.Params(
        neuron,
        neurons=step.neurons,
        axons=axons,
        synapses=max(1, len(every[0])),
        weight_width=choices.weight_width,
        recurrent=step.name in weights,
    )
    memories = tile.rows_and_synapses(params, *every)
    memories["bias"] = tile.memories(params)["bias"].layout.records(bias)
    needed = tile.required_current_width(params, tile.CORE.configuration(params, {}, memories))
    if needed > WIDEST_CURRENT:
        raise RangeError(
            f"{step.name}: the sum of its weights and bias needs {needed} bits; {WIDEST_CURRENT} are possible"
        )
    narrow = replace(params, neuron=replace(neuron, current_width=max(needed, choices.weight_width)))
    return Population(step.name, narrow, tile.CORE.configuration(narrow, {}, memories))


def _integers(
    what: str, real: Reals, lsb: float, q: Q, remedy: str, overflow: Overflow = Overflow.TRAP
) -> NDArray[np.int64]:
    """The nearest integers. Raises RangeError naming the value that fits least."""
    try:
        return quantise_array(
            real / lsb, Q(q.width, 0, q.signed), Rounding.NEAREST_EVEN, overflow
        )  # already in lsb
    except RangeError as error:
        scaled = np.rint(real / lsb)
        at = np.unravel_index(int(np.argmax(np.maximum(scaled - q.maximum, q.minimum - scaled))), real.shape)
        index = f"[{', '.join(str(int(i)) for i in at)}]" if real.size > 1 else ""
        raise RangeError(
            f"{what}{index} = {real[at]:.5g} does not fit {q.width} bits of {lsb:.4g}, which are "
            f"{q.minimum * lsb:.4g} … {q.maximum * lsb:.4g}; {remedy} works"
        ) from error


# ---------------------------------------------------------------- reporting


def _parameters(step: Step, exact: Step, params: tile.Params, lsb: float) -> list[Parameter]:
    neuron = params.neuron
    unit = 2.0**-neuron.fraction
    weights, raw_weights = (np.concatenate([w.ravel() for w in s.weights.values()]) for s in (step, exact))
    limit = signed(params.weight_width)
    nearest = np.rint(weights / lsb)
    saturated = int(np.sum((nearest < limit.minimum) | (nearest > limit.maximum)))

    def parameter(
        name: str, bits: int, lsb: float, real: Reals, used: Reals, saturated: int = 0
    ) -> Parameter:
        error = np.abs(used - real)
        span = float(real.min()), float(real.max())
        errors = float(error.max()), float(error.mean())
        return Parameter(step.name, name, f"s{bits}", lsb, *span, *errors, saturated, real.size)

    def number(name: str, bits: int, lsb: float, real: float, used: float) -> Parameter:
        return parameter(name, bits, lsb, np.array([real]), np.array([used]))

    return [
        parameter("weight", params.weight_width, lsb, weights, raw_weights, saturated),
        parameter("bias", neuron.current_width, lsb, step.bias, exact.bias),
        number("leak", neuron.coefficient_width, 2.0**-neuron.leak_fraction, step.leak, exact.leak),
        number("rest", neuron.width, unit, step.rest, exact.rest),
        number("threshold", neuron.width, unit, 1.0, neuron.threshold * unit),
    ]


def _notes(exact: Step, neuron: lif.Params) -> list[str]:
    """What a reader of the table would not see in it."""
    notes = []
    unit = 2.0**-neuron.fraction
    floor, ceiling = neuron.membrane.minimum * unit, neuron.membrane.maximum * unit
    low, high = potential_range(exact, neuron.reset_mode)
    aside = rounding_units(exact.leak) * unit
    for limit, reached, beyond in (
        (floor, low, low - aside < floor),
        (ceiling, high, high + aside > ceiling),
    ):
        if beyond:
            notes.append(f"potentials saturate at {limit:.4g}; the weights could bring them to {reached:.4g}")
    stuck = unit / (2 * exact.leak) if exact.leak else 0.0
    if neuron.rounding in (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY) and stuck > 0.01:
        notes.append(f"a potential within {stuck:.2g} of rest stays there: its leak rounds to 0")
    excitation = sum((np.maximum(w, 0).sum(axis=1) for w in exact.weights.values()), start=exact.bias)
    highest = exact.rest + settled(float(excitation.max()), exact.leak)
    if max(exact.rest, highest) <= 1:
        notes.append(
            f"never fires: with every positive input on, its potentials settle at {highest:.3g} of the "
            "threshold; another dt, or spike = impulse, may be meant"
        )
    return [f"{exact.name}: {note}" for note in notes]
