"""Vectorised stochastic tile: the layer of `models/sc/tile.py` over many samples at once.

An input has one of two values, and every stream is the same in every tick. So each synapse is multiplied out
twice, for an input that is silent and for one that has spiked; a tick adds up what its inputs bring.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.engine.fabric.event_stream import run_events
from spikelock.models.engine.fabric.tile import product
from spikelock.models.fixed import Ints
from spikelock.models.ports import Records
from spikelock.models.sc.tile import Params, outputs

from .dense import Dense


class Tile:
    """One tile for a number of samples at once, all right after RESTART. Raises as `Dense` does."""

    def __init__(self, params: Params, configuration: Configuration, samples: int) -> None:
        self._first, self._last = params.first, params.first + params.layer.inputs
        self._layer = Dense(params.layer, configuration)
        silent = self._layer.products(np.zeros(params.layer.inputs, np.int64))
        spiked = self._layer.products(np.full(params.layer.inputs, params.full_scale))
        self._of_silence: Ints = silent.sum(axis=1)
        # n and N are at most 2^24 each, so every sum is exact in float64, in whatever order it is made.
        self._of_spike = (spiked - silent).T.astype(np.float64)
        self.neurons = self._layer.at_rest(samples)

    def currents(self, events: NDArray[np.bool_] | Ints) -> Ints:
        """What drives the neurons in a tick: events as in `tick`, to (samples, neurons)."""
        heard = events[:, self._first : self._last] > 0
        return self._layer.scaled(self._of_silence + product(heard, self._of_spike))

    def tick(self, events: NDArray[np.bool_] | Ints) -> NDArray[np.bool_]:
        """How often each axon sent since the last tick (samples, axons); who fires (samples, neurons)."""
        return self.neurons.step(self.currents(events))

    def keep(self, samples: int) -> None:
        """Drops all but the first `samples` samples."""
        self.neurons.membrane = self.neurons.membrane[:samples]
        self.neurons.refractory = self.neurons.refractory[:samples]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.tile`: output events for input events of any order and length."""
    port = outputs(params)["output"]
    return {"output": run_events(partial(Tile, params, configuration), params, inputs["input"], port)}
