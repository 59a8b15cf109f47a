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
from spikelock.models.neurons.lif import ResetMode

from .discretise import Fires, Step, Stepped
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
                f"membrane_fraction = {self.membrane_fraction}: must be 1 … {highest}, for a threshold of "
                "1 to fit "
                f"{self.membrane_width} bits"
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
    low, high = potential_range(step, network.discretisation.reset)
    fraction = choices.membrane_fraction or _fraction(choices.membrane_width, low, high)
    membrane = signed(choices.membrane_width, fraction)
    lsb, gain, gain_fraction = _weight_lsb(step, choices, fraction)
    overflow = Overflow.SATURATE if choices.saturate else Overflow.TRAP

    weight_format = signed(choices.weight_width)
    weights = {
        source: _integers(f"{step.name}: weight", real, lsb, weight_format, overflow)
        for source, real in step.weights.items()
    }
    bias = _integers(f"{step.name}: bias", step.bias, lsb, signed(WIDEST_CURRENT), Overflow.TRAP)
    leak_fraction = _coefficient_fraction(step.leak, choices.coefficient_width)
    leak = round(step.leak * 2**leak_fraction)
    if step.leak > 0 and leak == 0:
        raise RangeError(
            f"{step.name}: leak = {step.leak:.3g} a tick rounds to 0 in {choices.coefficient_width} bits; "
            "a larger dt, or "
            f"coefficient_width = {choices.coefficient_width + 8}, works"
        )
    (rest,) = _integers(f"{step.name}: rest", np.array([step.rest]), 2.0**-fraction, membrane, Overflow.TRAP)
    # An integer exceeds 2^fraction where it is at least 2^fraction + 1: the strict comparison of NIR,
    # exactly.
    threshold = (1 << fraction) + (network.discretisation.fires is Fires.ABOVE_THRESHOLD)

    neuron = lif.Params(
        width=choices.membrane_width,
        fraction=fraction,
        current_width=WIDEST_CURRENT,
        coefficient_width=choices.coefficient_width,
        leak_fraction=leak_fraction,
        gain_fraction=gain_fraction,
        refractory_width=1,
        reset_mode=network.discretisation.reset,
        rounding=choices.rounding,
        overflow=Overflow.SATURATE,
        rest=int(rest),
        reset=0,
        threshold=threshold,
        leak=leak,
        gain=gain,
    )
    population = _loaded(step, neuron, choices, weights, bias, {**addresses, step.name: axons}, axons)

    name, coefficient = step.name, f"s{choices.coefficient_width}"
    every_weight = np.concatenate([w.ravel() for w in step.weights.values()])
    every_integer = np.concatenate([w.ravel() for w in weights.values()])
    reports = [
        _parameter(
            name, "weight", f"s{choices.weight_width}", lsb, every_weight, every_integer, weight_format
        ),
        _parameter(name, "bias", f"s{population.params.neuron.current_width}", lsb, step.bias, bias),
        _parameter(name, "leak", coefficient, 2.0**-leak_fraction, np.array([step.leak]), np.array([leak])),
        _parameter(
            name, "rest", f"s{membrane.width}", 2.0**-fraction, np.array([step.rest]), np.array([rest])
        ),
        _parameter(
            name, "threshold", f"s{membrane.width}", 2.0**-fraction, np.ones(1), np.array([threshold])
        ),
    ]
    return population, reports, _notes(step, membrane, low, high, leak / 2**leak_fraction, choices.rounding)


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


# ---------------------------------------------------------------- choosing formats


def potential_range(step: Step, reset: ResetMode) -> tuple[float, float]:
    """Lowest and highest potential that matter; infinite where nothing bounds them.

    Lowest: every source with a negative weight fires at every tick. Highest: with reset by subtraction, the
    same for positive weights, as what is above threshold stays and adds up; with reset to value, how far above
    threshold a potential is makes no difference.
    """
    excitation, inhibition = np.zeros(step.neurons), np.zeros(step.neurons)
    for weights in step.weights.values():
        excitation += np.maximum(weights, 0).sum(axis=1)
        inhibition += np.minimum(weights, 0).sum(axis=1)
    low = min(0.0, step.rest, step.rest + _settled(float((inhibition + step.bias).min()), step.leak))
    high = max(1.0, step.rest)
    if reset is ResetMode.SUBTRACT:
        most = float((excitation + step.bias).max())
        high = max(high, high + step.leak * (step.rest - high) + most, step.rest + _settled(most, step.leak))
    return low, high


def _settled(each_tick: float, leak: float) -> float:
    """Where leak and a constant input come to balance, relative to rest."""
    if each_tick == 0:
        return 0.0
    return each_tick / leak if leak else math.copysign(math.inf, each_tick)


def _fraction(width: int, low: float, high: float) -> int:
    """Fraction bits that leave room for the range, at least half the width."""
    for fraction in range(width - 2, width // 2, -1):
        q = signed(width, fraction)
        # A few units aside: products are rounded, and the threshold is one unit above 1.
        if low * 2**fraction - 4 >= q.minimum and high * 2**fraction + 4 <= q.maximum:
            return fraction
    return width // 2


def _coefficient_fraction(value: float, width: int) -> int:
    """Fraction bits that give a coefficient the most precision: as many as fit."""
    for fraction in range(width, -1, -1):
        if round(value * 2**fraction) <= (1 << (width - 1)) - 1:
            return fraction
    raise RangeError(f"coefficient {value:.4g} does not fit {width} bits; use a larger coefficient_width")


def _weight_lsb(step: Step, choices: Quantisation, fraction: int) -> tuple[float, int, int]:
    """What the last bit of a weight is worth, and the gain and gain_fraction that make it exact."""
    most = (1 << (choices.weight_width - 1)) - 1
    largest = max((float(np.abs(w).max()) for w in step.weights.values() if w.size), default=0.0)
    if largest == 0:  # no weights: the biases, then, as finely as if they were
        largest = float(np.abs(step.bias).max()) or float(most)
    wanted = choices.weight_lsb or largest / most
    gain_fraction = _gain_fraction(step.name, wanted * 2**fraction, choices.coefficient_width, fraction)
    exact = wanted * 2.0 ** (fraction + gain_fraction)
    gain = max(1, round(exact) if choices.weight_lsb else math.ceil(exact))
    return gain * 2.0 ** -(fraction + gain_fraction), gain, gain_fraction


def _gain_fraction(name: str, gain: float, width: int, fraction: int) -> int:
    for gain_fraction in range(width, -1, -1):
        if math.ceil(gain * 2**gain_fraction) <= (1 << (width - 1)) - 1:
            return gain_fraction
    raise RangeError(
        f"{name}: one unit of a weight is {gain:.4g} units of potential, more than a gain of {width} bits "
        "can be; use a "
        f"membrane_fraction below {fraction}, a larger coefficient_width or a larger weight_width"
    )


def _integers(what: str, real: Reals, lsb: float, q: Q, overflow: Overflow) -> NDArray[np.int64]:
    """Raises RangeError naming the first value that does not fit."""
    limit = Q(q.width, 0, q.signed)
    try:
        return quantise_array(real / lsb, limit, Rounding.NEAREST_EVEN, overflow)
    except RangeError as error:
        scaled = np.rint(real / lsb)
        at = np.unravel_index(int(np.argmax(np.maximum(scaled - q.maximum, q.minimum - scaled))), real.shape)
        index = f"[{', '.join(str(int(i)) for i in at)}]" if real.size > 1 else ""
        remedy = "more bits, a larger weight_lsb, or saturate" if what.endswith("weight") else "more bits"
        raise RangeError(
            f"{what}{index} = {real[at]:.5g} does not fit {q.width} bits of {lsb:.4g}: "
            f"{q.minimum * lsb:.4g} … {q.maximum * lsb:.4g}; {remedy} works"
        ) from error


# ---------------------------------------------------------------- reporting


def _parameter(
    population: str, name: str, form: str, lsb: float, real: Reals, raw: NDArray[np.int64], q: Q | None = None
) -> Parameter:
    error = np.abs(raw * lsb - real) if real.size else np.zeros(1)
    saturated = 0
    if q is not None:
        scaled = np.rint(real / lsb)
        saturated = int(np.sum((scaled < q.minimum) | (scaled > q.maximum)))
    low, high = (float(real.min()), float(real.max())) if real.size else (0.0, 0.0)
    return Parameter(
        population, name, form, lsb, low, high, float(error.max()), float(error.mean()), saturated, real.size
    )


def _notes(step: Step, membrane: Q, low: float, high: float, leak: float, rounding: Rounding) -> list[str]:
    notes = []
    unit = 2.0**-membrane.fraction
    floor, ceiling = membrane.minimum * unit, membrane.maximum * unit
    if low < floor:
        notes.append(
            f"{step.name}: potentials saturate at {floor:.4g}; the weights could bring them to {low:.4g}"
        )
    if high > ceiling:
        notes.append(
            f"{step.name}: potentials saturate at {ceiling:.4g}; the weights could bring them to {high:.4g}"
        )
    if leak and rounding in (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY) and unit / (2 * leak) > 0.01:
        notes.append(
            f"{step.name}: a potential within {unit / (2 * leak):.2g} of rest stays there: its leak rounds "
            "to 0"
        )
    settled = step.rest + _settled(_most_input(step), step.leak)
    if max(step.rest, settled) <= 1:
        notes.append(
            f"{step.name}: never fires: with every positive input on, its potentials settle at "
            f"{settled:.3g} of the "
            "threshold; another dt, or spike = impulse, may be meant"
        )
    return notes


def _most_input(step: Step) -> float:
    """The largest input a tick can bring."""
    total = step.bias.copy()
    for weights in step.weights.values():
        total += np.maximum(weights, 0).sum(axis=1)
    return float(total.max())
