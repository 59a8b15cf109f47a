"""From a program with exact sums to one whose sums are those of bit streams.

Nothing but the sums changes: leak, threshold, reset and bias are those of the exact program. A weight of W
units becomes a stream of the value W / S, where S = 2^(weight_width − 1), a spike a stream of ones, and the
sum of N steps is scaled by S / N, so that the expected current is the exact one:

    Σ_t [stream of W / S]  is on average  N · W / S

What remains is the error of the streams, which falls with their length N.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Ints
from spikelock.models.lfsr import Kind
from spikelock.models.sc import dense
from spikelock.models.sc import tile as sc_tile

from .program import Population, Program

SCALE_BITS = 24
"""Bits of a scale that no number of bits holds exactly, as where the length is no power of two."""


@dataclass(frozen=True)
class Stochastic:
    """How streams are made and computed.

    length: bits of a stream, at most 2^source_width. product: what multiplies two streams. source_width:
        bits of the random numbers.
    lanes, parallel: synapses of a neuron, and neurons, that are computed at a time; a layer that has fewer
        computes all of them at once. No lanes given: all.
    kind: of the shift registers that make the numbers; another kind makes other streams.
    """

    length: int = 256
    product: dense.Product = dense.Product.AND
    source_width: int = 16
    lanes: int | None = None
    parallel: int = 1
    kind: Kind = "fibonacci_left"

    def __post_init__(self) -> None:
        for name, works in (("length", 256), ("lanes", 1), ("parallel", 1)):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RangeError(f"{name} = {value}: 1 or more is needed; {works} works")
        if not 3 <= self.source_width <= 62:
            raise RangeError(f"source_width = {self.source_width}: 3 … 62 bits are possible; 16 is usual")
        most = 1 << self.source_width
        if self.length > most:
            raise RangeError(
                f"length = {self.length}: the numbers of {self.source_width} bits come again after "
                f"{most - 1}; {most} or less, or a larger source_width, works"
            )


def stochastic(program: Program, choices: Stochastic) -> tuple[Program, tuple[str, ...]]:
    """The program with bit streams, and a sentence on each of its layers.

    Raises BadInput for a recurrent population, RangeError for a choice that is out of range, and where a
    weight does not fit the numbers of the sources.
    """
    starts = [0, *(p.params.axons for p in program.populations)]
    populations, notes = [], []
    for population in program.populations:
        weights = exact_weights(population)
        sizes = _sizes(population, weights, starts, choices)
        populations.append(_loaded(population, weights, sizes))
        notes.append(_note(population.name, sizes.layer))
    chosen = {field.name: _plain(getattr(choices, field.name)) for field in fields(choices)}
    about = {**program.about, "stochastic": chosen}
    return replace(program, populations=tuple(populations), about=about), tuple(notes)


def exact_weights(population: Population) -> Ints:
    """Weights of a population with exact sums: shape (neurons, sources); 0 where there is no synapse."""
    params, memories = population.exact, population.configuration.memories
    weights = np.zeros((params.neurons, params.rows), np.int64)
    for source, (start, length) in enumerate(memories["rows"].tolist()):
        row = memories["synapses"][start : start + length]
        weights[row["target"], source] = row["weight"]
    return weights


def _sizes(population: Population, weights: Ints, starts: list[int], choices: Stochastic) -> sc_tile.Params:
    """The tile that takes the place of a population."""
    params = population.exact
    if params.recurrent:
        raise BadInput(
            f"{population.name}: its neurons are connected among each other, which those of a stochastic "
            "layer cannot be; a feed-forward network works"
        )
    first, last = _heard(weights, starts)
    gain, shift = _scale(_unit(params.weight_width), choices.length)
    try:
        layer = dense.Params(
            inputs=last - first,
            neurons=params.neurons,
            product=choices.product,
            width=choices.source_width,
            length=choices.length,
            lanes=min(choices.lanes or last - first, last - first),
            parallel=min(choices.parallel, params.neurons),
            gain=gain,
            shift=shift,
            rounding=params.neuron.rounding,
            neuron=params.neuron,
            kind=choices.kind,
        )
    except BadInput as error:
        raise type(error)(f"{population.name}: {error}") from error
    if params.weight_width - 1 > layer.value.fraction:
        needed = params.weight_width - 1 + choices.source_width - layer.value.fraction
        raise RangeError(
            f"source_width = {choices.source_width}: the weights of {params.weight_width} bits need {needed} "
            "bits, or more"
        )
    return sc_tile.Params(layer, params.axons, first)


def _loaded(population: Population, weights: Ints, sizes: sc_tile.Params) -> Population:
    """The population with its weights as values of streams."""
    heard = weights[:, sizes.first : sizes.first + sizes.layer.inputs]
    worth = sizes.full_scale // _unit(population.exact.weight_width)
    bias = population.configuration.memories["bias"]["bias"]
    contents = dense.contents(sizes.layer, heard * worth, bias)
    configuration = sc_tile.CORE.configuration(sizes, population.configuration.registers, contents)
    return Population(population.name, sizes, configuration)


def _unit(weight_width: int) -> int:
    """The weight whose stream is all ones."""
    return 1 << (weight_width - 1)


def _heard(weights: Ints, starts: list[int]) -> tuple[int, int]:
    """The first and last sources that have a synapse, rounded to whole populations; all where none has."""
    connected = np.flatnonzero(weights.any(axis=0))
    if not len(connected):
        return 0, weights.shape[1]
    first = max(start for start in starts if start <= connected[0])
    last = min(end for end in (*starts, weights.shape[1]) if end > connected[-1])
    return first, last


def _scale(unit: int, length: int) -> tuple[int, int]:
    """Gain and shift of the scale unit / length: exact where the length is a power of two."""
    scale = Fraction(unit, length)
    whole = scale.denominator.bit_length() - 1
    exact = scale.denominator == 1 << whole
    shift = whole if exact else max(0, SCALE_BITS - int(scale).bit_length())
    return round(scale * 2**shift), shift


def _note(name: str, layer: dense.Params) -> str:
    return (
        f"{name}: {layer.inputs * layer.neurons} synapses by streams of {layer.length} bits, "
        f"{layer.lanes * layer.parallel} at a time: {layer.cycles} cycles a tick"
    )


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
