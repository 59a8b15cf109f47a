"""Bits that flip on their way: in the streams of a stochastic tile, and in the words of an exact one.

Every bit that goes into the arithmetic flips with the same probability f, independently, anew in every tick:

    stochastic, AND    the bit of the input and the bit of the weight, of each synapse in each step
    exact              the bits of a weight whenever it is added, and the bit that says that a source spiked

Sums are drawn from their exact distribution instead of flipping bit by bit. A product of two bits is 1 after
flips with probability (1 − f)² where both were 1, f·(1 − f) where one was, f² where none was; so the ones of
all products of one sign are the sum of three binomial numbers. A bit k of weights flips from 0 to 1 in a
binomial number of those that have a 0 there, and adds 2^k each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Ints, Overflow, fit_array, signed
from spikelock.models.network.program import Population
from spikelock.models.network.stochastic import exact_weights
from spikelock.models.sc.dense import Product
from spikelock.models.sc.tile import Params as StreamParams

from ..neurons.lif import LIF
from .dense import Dense

Spikes = NDArray[np.bool_]


def ones_of_products(both: Ints, one: Ints, none: Ints, rate: float, random: np.random.Generator) -> Ints:
    """How many products of two bits are 1 after flips, of so many with two ones, with one, and with none."""
    kept = 1 - rate
    return (
        random.binomial(both, kept * kept)
        + random.binomial(one, rate * kept)
        + random.binomial(none, rate * rate)
    )


@dataclass
class FlippedStreams:
    """A stochastic tile whose streams lose bits: `tick` is that of `engine.sc.tile`, with flips.

    exact: the population that `population` was made of; the signs of its weights are those of the hardware.
    Raises BadInput for a product other than AND, RangeError for a rate outside 0 … 1.
    """

    exact: Population
    population: Population
    rate: float
    random: np.random.Generator
    samples: int

    def __post_init__(self) -> None:
        params = self.population.params
        if not isinstance(params, StreamParams) or params.layer.product is not Product.AND:
            raise BadInput(f"{self.population.name}: flips are known of streams multiplied by AND")
        _require_rate(self.rate)
        self._first, self._inputs, self._length = params.first, params.layer.inputs, params.layer.length
        self._layer = Dense(params.layer, self.population.configuration)
        ones = np.abs(self._layer.products(np.full(self._inputs, params.full_scale)))
        heard = exact_weights(self.exact)[:, self._first : self._first + self._inputs]
        self._of_sign = [(sign, (heard < 0) == (sign < 0)) for sign in (1, -1)]
        self._ones = ones
        self.neurons = self._layer.at_rest(self.samples)

    def tick(self, events: Spikes) -> Spikes:
        """Who fires: (samples, axons) to (samples, neurons)."""
        spiked = events[:, self._first : self._first + self._inputs].astype(np.int64)
        sums = np.zeros((len(events), len(self._ones)), np.int64)
        for sign, synapses in self._of_sign:
            given = spiked @ synapses.T * self._length  # ones of the inputs, each beside one bit of a weight
            both = spiked @ (self._ones * synapses).T
            all_ones = (self._ones * synapses).sum(axis=1)
            pairs = synapses.sum(axis=1) * self._length
            one = given + all_ones - 2 * both
            none = pairs - both - one
            sums += sign * ones_of_products(both, one, none, self.rate, self.random)
        return self.neurons.step(self._layer.scaled(sums))


@dataclass
class FlippedWords:
    """An exact tile whose weights and events lose bits. Raises RangeError for a rate outside 0 … 1."""

    exact: Population
    rate: float
    random: np.random.Generator
    samples: int

    def __post_init__(self) -> None:
        _require_rate(self.rate)
        params, configuration = self.exact.exact, self.exact.configuration
        self._axons, self._weights = params.axons, exact_weights(self.exact)[:, : params.axons]
        self._width, self._current = params.weight_width, signed(params.neuron.current_width)
        self._bias: Ints = configuration.memories["bias"]["bias"]
        rest = configuration.registers.get("rest", params.neuron.rest)
        shape = (self.samples, params.neurons)
        self.neurons = LIF(params.neuron, configuration.registers, shape, initial=rest, shared_random=True)

    def tick(self, events: Spikes) -> Spikes:
        """Who fires: (samples, axons) to (samples, neurons). A sum that a current cannot hold saturates."""
        spiked = (events ^ (self.random.random(events.shape) < self.rate)).astype(np.int64)
        sums = spiked @ self._weights.T
        for bit in range(self._width):
            is_one = self._weights >> bit & 1
            worth = -(1 << bit) if bit == self._width - 1 else 1 << bit
            gained = self.random.binomial(spiked @ (1 - is_one).T, self.rate)
            lost = self.random.binomial(spiked @ is_one.T, self.rate)
            sums += worth * (gained - lost)
        return self.neurons.step(fit_array(sums + self._bias, self._current, Overflow.SATURATE))


def run_chain(tiles: list[FlippedStreams] | list[FlippedWords], spikes: Spikes) -> Spikes:
    """Spikes of the last of several tiles in a chain: (samples, ticks, inputs) to (samples, ticks, neurons).

    Raises BadInput for a chain without a tile.
    """
    if not tiles:
        raise BadInput("a chain without a tile has no spikes; give at least one")
    last, out = tiles[-1].neurons.membrane.shape[1], []
    for tick in range(spikes.shape[1]):
        heard = spikes[:, tick]
        for tile in tiles:
            heard = np.concatenate([heard, tile.tick(heard)], axis=1)
        out.append(heard[:, -last:])
    return np.stack(out, axis=1)


def _require_rate(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise RangeError(f"a rate of {rate}: a bit flips with a probability of 0 … 1")
