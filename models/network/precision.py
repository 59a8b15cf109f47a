"""Plans of stochastic layers: for an error, the length of streams and the sharing of sources that meet it.

The guarantee is that of `models/sc/precision.py`, what is measured comes from the engine, beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spikelock.models.engine.margins import Margins, errors_and_spreads, threshold_current
from spikelock.models.engine.sc.measured_error import measured_errors
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.network.program import Population, Program
from spikelock.models.network.stochastic import exact_weights
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import (
    DotProduct,
    Sharing,
    failure_bound,
    require_period,
    require_target,
    shortest_length,
)

TRIALS = 200
"""Layers that are measured, if their streams are short."""
FEWEST_TRIALS = 5
"""Layers without which nothing is measured."""
BITS_MEASURED = 1 << 28
"""Bits of all product streams of a measurement: of larger layers, fewer are measured."""
SHORTEST = 16
"""Bits of the shortest stream that is looked at where a length is measured."""


@dataclass(frozen=True)
class Layer:
    """Dot products that are to be right at once. unit: what an error of 1 is, in products; its name."""

    name: str
    inputs: int
    neurons: int
    ticks: int = 1
    product: Product = Product.AND
    unit: float = 1.0

    def __post_init__(self) -> None:
        for name in ("neurons", "ticks"):
            if getattr(self, name) < 1:
                raise RangeError(f"{name} = {getattr(self, name)}: at least 1 is needed")

    @property
    def events(self) -> int:
        """Dot products."""
        return self.neurons * self.ticks


@dataclass(frozen=True)
class Measured:
    """Errors of a length, in the unit of the layer: over all dot products, and of the worst of each layer.

    quantile: of the worst errors of `trials` layers, the one that the wanted confidence leaves.
    """

    rms: float
    quantile: float
    trials: int


@dataclass(frozen=True)
class Plan:
    """One sharing of sources. Errors are in the unit of the layer.

    length: bits. guaranteed: the error that independent bits stay below, with the wanted confidence; None of
    sources that are not random, whose length is then the measured one. measured: None of streams too long to
    be measured. measured_length: the shortest power of two that is enough by measurement, if it is below
    `length`. refused: why there is no plan.
    """

    sharing: Sharing
    sources: int
    length: int | None = None
    guaranteed: float | None = None
    measured: Measured | None = None
    measured_length: int | None = None
    refused: str = ""


def plan(
    layer: Layer,
    sharing: Sharing,
    confidence: float,
    *,
    error: float | None = None,
    length: int | None = None,
    width: int = 16,
    trials: int = TRIALS,
    seed: int = 0,
) -> Plan:
    """For an error, the length; for a length, the error.

    Raises BadInput unless one of them is given, RangeError for a confidence or a number that is impossible;
    what only this sharing cannot do is in `Plan.refused`.
    """
    if (error is None) == (length is None):
        raise BadInput("either an error or a length is planned for; give one of them")
    if trials < FEWEST_TRIALS:
        raise BadInput(f"{trials} trials: at least {FEWEST_TRIALS} say anything")
    require_target(1.0 if error is None else error, confidence)
    dot = DotProduct(layer.inputs, layer.product, width, sharing)
    found = Plan(sharing, dot.sources(layer.neurons))
    random = sharing is not Sharing.SOBOL
    measured_length = None
    try:
        if length is not None:
            require_period(length, width)
        elif random:
            assert error is not None
            length = dot.length(error * layer.unit, confidence, layer.events)
        guaranteed = dot.error(length, confidence, layer.events) / layer.unit if random and length else None
        if error is not None:
            measured_length = _measured_length(layer, dot, confidence, error, length, trials, seed)
            length = length or measured_length
        if length is None:
            raise RangeError("no stream that is short enough to be measured has so small an error")
        measured = measure(layer, dot, length, confidence, trials, seed)
    except RangeError as impossible:
        return replace(found, refused=str(impossible))
    return replace(
        found, length=length, guaranteed=guaranteed, measured=measured, measured_length=measured_length
    )


def measure(
    layer: Layer, dot: DotProduct, length: int, confidence: float, trials: int = TRIALS, seed: int = 0
) -> Measured | None:
    """Errors of so many layers with random values and seeds: of fewer, or of none, where streams are long."""
    affordable = BITS_MEASURED // (layer.inputs * layer.events * length)
    if affordable < FEWEST_TRIALS:
        return None
    trials = min(trials, affordable)
    errors = np.abs(
        measured_errors(dot, length, trials, seed, neurons=layer.neurons, ticks=layer.ticks) / layer.unit
    )
    worst = errors.max(axis=(1, 2))
    quantile = float(np.quantile(worst, confidence, method="higher"))
    return Measured(float(np.sqrt(np.mean(errors**2))), quantile, trials)


def _measured_length(
    layer: Layer,
    dot: DotProduct,
    confidence: float,
    error: float,
    enough: int | None,
    trials: int,
    seed: int,
) -> int | None:
    """The shortest power of two whose measured error is small enough; None if that is not below `enough`."""
    length = SHORTEST
    while length < (enough or (1 << dot.width) + 1):
        measured = measure(layer, dot, length, confidence, trials, seed)
        if measured is None:
            return None
        if measured.quantile <= error:
            return length
        length *= 2
    return None


def layers_of(program: Program, ticks: int = 1) -> list[Layer]:
    """A layer for each population, in units of the current that takes a neuron from rest to its threshold.

    inputs: the most synapses of any of its neurons. Raises BadInput for a population of streams.
    """
    return [_layer(population, ticks) for population in program.populations]


def _layer(population: Population, ticks: int) -> Layer:
    params = population.exact
    fan_in = np.count_nonzero(exact_weights(population), axis=1)
    unit = abs(threshold_current(params, population.configuration)) / (1 << (params.weight_width - 1))
    return Layer(population.name, max(1, int(fan_in.max())), params.neurons, ticks, unit=unit)


@dataclass(frozen=True)
class SpikePlan:
    """Streams with which a network spikes exactly as it does with exact sums, sample by sample.

    width: bits of the numbers. lengths: bits of each sample. kept: samples for which the wanted confidence
    is guaranteed with the length that was asked for; None if none was.
    """

    width: int
    lengths: NDArray[np.int64]
    kept: int | None


def plan_spikes(
    found: Sequence[Margins], confidence: float, *, width: int | None = None, length: int | None = None
) -> SpikePlan:
    """Lengths from margins. width: of the numbers; without it, the narrowest of 16 bits or more.

    Raises RangeError where streams of that width cannot be long enough, BadInput where none are.
    """
    if width is None:
        width = 16
        while True:
            try:
                return plan_spikes(found, confidence, width=width, length=length)
            except RangeError:
                if width == 62 or not 0 < confidence < 1:
                    raise
                width += 1
    for one in found:
        if one.free + float(one.margin.min()) == 0:
            raise BadInput(
                f"population {one.population}: some currents may not be off at all, as sums are rounded "
                "down; no stream is long enough, but with rounding to the nearest some are"
            )
    samples = errors_and_spreads(found, width)
    lengths = [shortest_length(errors, spreads, confidence) for errors, spreads in samples]
    for bits in (max(lengths), *([length] if length is not None else [])):
        require_period(bits, width)
    kept = None
    if length is not None:
        kept = sum(failure_bound(length, *of_sample) <= 1 - confidence for of_sample in samples)
    return SpikePlan(width, np.array(lengths, np.int64), kept)
