"""The error of dot products of streams, measured: random values and seeds, many times.

What `models/sc/precision.py` plans, done: values are rounded, encoded with the sources that a sharing has,
and their products are counted. The error is that against the real values, in units of one product."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.lfsr import maximal
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing
from spikelock.models.sc.sobol import Params as Sobol

from .packing import Words, ones, pack
from .sobol import points

NUMBERS_AT_ONCE = 1 << 22
"""Numbers of one array, which bounds the memory of a measurement."""

Floats = NDArray[np.float64]


def measured_errors(
    dot: DotProduct, length: int, trials: int, seed: int = 0, *, neurons: int = 1, ticks: int = 1
) -> Floats:
    """Errors of a layer, shape (trials, ticks, neurons): of each trial other values and other seeds.

    Inputs are drawn evenly from all values there are, anew for each tick, weights for each synapse. Seeds are
    drawn evenly, all of a layer different where it has more than one; ticks begin at the same seeds. Raises
    BadInput for a number below 1.
    """
    for name, value in (("length", length), ("trials", trials), ("neurons", neurons), ("ticks", ticks)):
        if value < 1:
            raise BadInput(f"{name} = {value}: at least 1 is needed")
    random = np.random.default_rng(seed)
    return np.stack([_trial(dot, length, random, neurons, ticks) for _ in range(trials)])


def _trial(dot: DotProduct, length: int, random: np.random.Generator, neurons: int, ticks: int) -> Floats:
    bipolar = dot.product is Product.XNOR
    inputs = random.uniform(-1 if bipolar else 0, 1, (ticks, dot.inputs))
    weights = random.uniform(-1, 1, (neurons, dot.inputs))
    exact = inputs @ weights.T
    sources = Sources(dot, length, random, neurons)
    signs = np.ones_like(weights) if bipolar else np.sign(weights)
    magnitudes = weights if bipolar else np.abs(weights)

    estimate = np.zeros((ticks, neurons))
    for some in _parts(dot.inputs, length * max(neurons, ticks)):
        a = pack(sources.of_inputs(some) < _thresholds(dot, inputs[:, some])[..., np.newaxis])
        for neuron in range(neurons):
            b = pack(
                sources.of_synapses(neuron, some) < _thresholds(dot, magnitudes[neuron, some])[:, np.newaxis]
            )
            estimate[:, neuron] += _values(a, b, length, bipolar) @ signs[neuron, some]
    return estimate - exact


def _values(a: Words, b: Words, length: int, bipolar: bool) -> Floats:
    """What the products of streams stand for."""
    return 1 - 2 * ones(a ^ b) / length if bipolar else ones(a & b) / length


def _thresholds(dot: DotProduct, values: Floats) -> Ints:
    """Of real values, to the nearest."""
    share = (values + 1) / 2 if dot.product is Product.XNOR else values
    return np.rint(np.ldexp(share, dot.width)).astype(np.int64)


def _parts(inputs: int, numbers_each: int) -> Iterator[slice]:
    at_once = max(1, NUMBERS_AT_ONCE // numbers_each)
    for first in range(0, inputs, at_once):
        yield slice(first, min(first + at_once, inputs))


class Sources:
    """The numbers of all streams of a layer of so many neurons: by their source, and their rotation.

    Raises BadInput where there are fewer seeds than sources.
    """

    def __init__(self, dot: DotProduct, length: int, random: np.random.Generator, neurons: int) -> None:
        self._dot, self._length = dot, length
        rows = 1 + (neurons if dot.sharing is Sharing.NONE else 1)  # of inputs, then of synapses
        shape = (rows, -(-dot.inputs // dot.group))
        if dot.sharing is Sharing.SOBOL:
            self._seeds: Ints = random.integers(0, 1 << dot.width, shape)
        else:
            self._seeds = _different(random, (1 << dot.width) - 1, shape)

    def of_inputs(self, some: slice) -> Ints:
        """Shape (streams, length)."""
        return self._numbers(0, some)

    def of_synapses(self, neuron: int, some: slice) -> Ints:
        """Shape (streams, length)."""
        return self._numbers(1 + neuron if self._dot.sharing is Sharing.NONE else 1, some)

    def _numbers(self, row: int, some: slice) -> Ints:
        dot = self._dot
        stream = np.arange(some.start, some.stop)
        source, place = stream // dot.group, stream % dot.group
        used, which = np.unique(source, return_inverse=True)
        if dot.sharing is Sharing.SOBOL:
            sequence = points(Sobol(row, dot.width), np.arange(self._length))
            return (sequence ^ self._seeds[row, used, np.newaxis])[which]
        numbers = maximal(dot.width, "fibonacci_left").states(self._seeds[row, used], self._length)[which]
        if dot.sharing is Sharing.ROTATED:
            turn = place[:, np.newaxis]
            numbers = (numbers << turn | numbers >> (dot.width - turn)) & ((1 << dot.width) - 1)
        return numbers


def _different(random: np.random.Generator, most: int, shape: tuple[int, int]) -> Ints:
    """So many different numbers of 1 … most. Raises BadInput where there are too few."""
    count = shape[0] * shape[1]
    if count > most:
        raise BadInput(f"{count} sources need as many seeds, and there are {most}: use a larger width")
    if count > most // 2:
        return 1 + random.permutation(most)[:count].reshape(shape)
    found = np.unique(random.integers(1, most + 1, 2 * count + 8))
    while len(found) < count:
        found = np.unique(np.concatenate([found, random.integers(1, most + 1, count)]))
    return random.permutation(found)[:count].reshape(shape)
