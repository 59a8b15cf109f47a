"""The error of dot products of streams, measured: random values and seeds, many times.

What `models/sc/precision.py` plans, done: values are rounded, encoded with the sources that a sharing has,
and their products are counted. The error is that against the real values, in units of one product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Ints
from spikelock.models.lfsr import maximal
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing

from .packing import Words, ones, word_count
from .sources import Turned, lfsr, sobol
from .streams import encode

BITS_AT_ONCE = 1 << 26
"""Bits of the synapses' streams that are held at once, which bounds the memory of a measurement."""

Floats = NDArray[np.float64]


def measured_errors(
    dot: DotProduct, length: int, trials: int, seed: int = 0, *, neurons: int = 1, ticks: int = 1
) -> Floats:
    """Errors of a layer, shape (trials, ticks, neurons): of each trial other values and other seeds.

    Inputs are drawn evenly from all values there are, anew for each tick, weights for each synapse. Seeds are
    drawn evenly, all of a layer different; every tick begins at the same. Raises BadInput for a number below
    1, RangeError where there are fewer seeds than sources.
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
    signs = np.ones_like(weights) if bipolar else np.sign(weights)
    seeds = seeds_of(dot, random, neurons)
    a = streams_of(dot, seeds[0], 0, _thresholds(dot, inputs), length)
    estimate = np.empty((ticks, neurons))
    at_once = max(1, BITS_AT_ONCE // (dot.inputs * length))
    for first in range(0, neurons, at_once):
        some = slice(first, first + at_once)
        own = seeds[1:][some] if dot.sharing is Sharing.NONE else seeds[1:]
        thresholds = _thresholds(dot, weights[some] if bipolar else np.abs(weights[some]))
        b = streams_of(dot, own, 1, thresholds, length)
        for tick in range(ticks):
            values = 1 - 2 * ones(a[tick] ^ b) / length if bipolar else ones(a[tick] & b) / length
            estimate[tick, some] = (values * signs[some]).sum(axis=1)
    return estimate - inputs @ weights.T


def _thresholds(dot: DotProduct, values: Floats) -> Ints:
    """Of real values, to the nearest."""
    share = (values + 1) / 2 if dot.product is Product.XNOR else values
    return np.rint(np.ldexp(share, dot.width)).astype(np.int64)


def seeds_of(dot: DotProduct, random: np.random.Generator, neurons: int) -> Ints:
    """Random seeds of all sources, of Sobol sequences their shifts: shape (rows, sources of a row).

    The first row is that of the inputs, then come the synapses: a row for each neuron, or one for all. Raises
    RangeError where there are fewer seeds than sources.
    """
    shape = (1 + (neurons if dot.sharing is Sharing.NONE else 1), -(-dot.inputs // dot.group))
    count = shape[0] * shape[1]
    if dot.sharing is Sharing.SOBOL:
        return random.integers(0, 1 << dot.width, shape)
    most = (1 << dot.width) - 1
    if count > most:
        raise RangeError(
            f"{count} sources need as many seeds, and there are {most}: use a width of {count.bit_length()}"
        )
    if count > most // 2:
        return 1 + random.permutation(most)[:count].reshape(shape)
    found = np.unique(random.integers(1, most + 1, 2 * count + 8))
    while len(found) < count:
        found = np.unique(np.concatenate([found, random.integers(1, most + 1, count)]))
    return random.permutation(found)[:count].reshape(shape)


def streams_of(dot: DotProduct, seeds: Ints, row: int, thresholds: Ints, length: int) -> Words:
    """Streams of inputs (row 0) or of synapses (row 1): (…, inputs) to (…, inputs, words).

    seeds: of their sources, (…, sources), which broadcast.
    """
    own = np.repeat(seeds, dot.group, axis=-1)[..., : dot.inputs]
    own = np.broadcast_to(own, thresholds.shape)
    if dot.sharing is Sharing.SOBOL:
        return encode(sobol(dot.width, np.full(thresholds.shape, row), own), thresholds, length)
    generator = maximal(dot.width, "fibonacci_left")
    if dot.sharing is not Sharing.ROTATED:
        return encode(lfsr(generator, own), thresholds, length)
    packed = np.empty((*thresholds.shape, word_count(length)), np.uint64)
    for place in range(dot.group):
        some = (..., slice(place, None, dot.group))
        turned = Turned(lfsr(generator, own[some]), place)
        packed[(*some, slice(None))] = encode(turned, thresholds[some], length)
    return packed
