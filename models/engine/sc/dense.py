"""Vectorised dense layer: products of packed streams, for any number of ticks at once.

Every source begins at its seed in every tick. So what a tick sums up depends on its own values alone: the
products of all ticks are summed first, and the neurons of all samples then take their steps together. A
*sample* is a run of ticks from one restart to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.engine.neurons.lif import LIF
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Interval, Ints, Overflow, fit_array, shift_right_array
from spikelock.models.ports import Records
from spikelock.models.sc.dense import Params, Product, outputs

from .packing import Words, word_count
from .product import bipolar, signed
from .sources import lfsr
from .streams import encode

WORDS_AT_ONCE = 1 << 22
"""Words of the streams of values that are kept at a time, which bounds the memory of many ticks."""


class Dense:
    """One layer with its weights, for any number of samples.

    Raises RangeError where a sum, a current or a membrane potential could leave int64.
    """

    def __init__(self, params: Params, configuration: Configuration) -> None:
        most = params.inputs * params.length
        (Interval(-most, most) * params.gain).require_int64("sum · gain")
        (Interval.of(params.current) * 3).require_int64("current + bias")
        self.params = params
        self._registers = configuration.registers
        self._bias: Ints = configuration.memories["bias"]["bias"]
        weights = _weights(params, configuration)
        sources = lfsr(params.generator, params.sources.synapses)
        if params.product is Product.XNOR:
            words = encode(sources, weights["value"] + _offset(params), params.length)
            self.weights = bipolar(words, params.length)
        else:
            words = encode(sources, weights["magnitude"], params.length)
            self.weights = signed(words, weights["negative"] != 0, params.length)

    def sums(self, values: Ints) -> Ints:
        """What the products of each neuron sum up to: (ticks, inputs) to (ticks, neurons)."""
        params = self.params
        out = np.empty((len(values), params.neurons), np.int64)
        at_once = max(1, WORDS_AT_ONCE // (params.inputs * word_count(params.length)))
        for first in range(0, len(values), at_once):
            some = slice(first, first + at_once)
            out[some] = self.weights.sums(self._streams(values[some]))
        return out

    def products(self, values: Ints) -> Ints:
        """What each synapse adds to the sum of its neuron: (inputs,) to (neurons, inputs)."""
        return self.weights.products(self._streams(values))

    def _streams(self, values: Ints) -> Words:
        """(…, inputs) to (…, inputs, words)."""
        params = self.params
        seeds = np.broadcast_to(params.sources.inputs, values.shape)
        return encode(lfsr(params.generator, seeds), values + _offset(params), params.length)

    def currents(self, values: Ints) -> Ints:
        """What drives each neuron: (ticks, inputs) to (ticks, neurons)."""
        return self.scaled(self.sums(values))

    def scaled(self, sums: Ints) -> Ints:
        """The currents of sums, shape (…, neurons) both."""
        params = self.params
        scaled = shift_right_array(sums * params.gain, params.shift, params.rounding)
        # Beyond the distance of two currents no bias makes a difference: so the sum stays within int64.
        room = Interval.of(params.current) - Interval.of(params.current)
        scaled = np.clip(scaled, room.minimum, room.maximum)
        return fit_array(scaled + self._bias, params.current, Overflow.SATURATE)

    def at_rest(self, samples: int) -> LIF:
        """Neurons of so many samples, as a restart leaves them; shape (samples, neurons)."""
        neuron = self.params.neuron
        rest = self._registers.get("rest", neuron.rest)
        shape = (samples, self.params.neurons)
        return LIF(neuron, self._registers, shape, initial=rest, shared_random=True)

    def spikes(self, values: Ints) -> NDArray[np.bool_]:
        """Who fires: values of shape (samples, ticks, inputs), from rest, to (samples, ticks, neurons)."""
        samples, ticks, inputs = values.shape
        currents = self.currents(values.reshape(-1, inputs)).reshape(samples, ticks, -1)
        neurons = self.at_rest(samples)
        fired = np.zeros(currents.shape, np.bool_)
        for tick in range(ticks):
            fired[:, tick] = neurons.step(currents[:, tick])
        return fired


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.dense`: ticks one after the other, of samples of any length."""
    given = inputs["input"]
    ticks = len(given) // params.inputs
    given = given[: ticks * params.inputs].reshape(ticks, params.inputs)
    restart = (given["restart"] != 0).any(axis=1)
    restart[:1] = True
    layer = Dense(params, configuration)
    fired = np.zeros((ticks, params.neurons), np.bool_)
    starts = np.flatnonzero(restart)
    for start, end in pairwise([*starts, ticks]):
        fired[start:end] = layer.spikes(given["value"][np.newaxis, start:end])[0]
    flags = np.repeat(restart, params.neurons).astype(np.int64)
    return {"output": outputs(params)["output"].records(fired.reshape(-1).astype(np.int64), flags)}


def _weights(params: Params, configuration: Configuration) -> Records:
    """The records of all weights, shape (neurons, inputs), from the memories that hold every so manieth."""
    rounds = params.neuron_rounds, params.input_rounds
    whole = np.zeros((rounds[0] * params.parallel, rounds[1] * params.lanes), params.weight.dtype)
    for place, names in enumerate(params.banks):
        for lane, name in enumerate(names):
            bank = configuration.memories[name]
            if len(bank) != rounds[0] * rounds[1]:
                raise BadInput(
                    f"memory {name} has {len(bank)} records, the layer {rounds[0] * rounds[1]}: "
                    "CORE.configuration fills one up"
                )
            whole[place :: params.parallel, lane :: params.lanes] = bank.reshape(rounds)
    return whole[: params.neurons, : params.inputs]


def _offset(params: Params) -> int:
    """What makes a threshold of a bipolar value."""
    return 1 << (params.width - 1) if params.product is Product.XNOR else 0
