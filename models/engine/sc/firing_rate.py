"""Vectorised bank of firing rates: the spikes of every whole window are summed at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fixed import Ints, Overflow
from spikelock.models.ports import Records
from spikelock.models.sc.firing_rate import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.firing_rate`: the last tick may be incomplete."""
    given, neurons = inputs["input"], params.neurons
    ticks = -(-len(given) // neurons)
    spikes = np.zeros((ticks, neurons), np.int64)
    spikes.reshape(-1)[: len(given)] = given["spike"]
    place = np.arange(ticks)
    restarted = np.where(given["restart"][::neurons] != 0, place, 0)
    ends = np.flatnonzero((place - np.maximum.accumulate(restarted)) % params.window == params.window - 1)

    before = np.zeros((ticks + 1, neurons), np.int64)
    np.cumsum(spikes, axis=0, out=before[1:])
    counts = before[ends + 1] - before[ends + 1 - params.window]
    arrived = np.count_nonzero(ends[:, np.newaxis] * neurons + np.arange(neurons) < len(given))
    return {"output": outputs(params)["output"].records(_rates(params, counts.reshape(-1)[:arrived]))}


def _rates(params: Params, counts: Ints) -> Ints:
    """Counts and scales are below 2^25 and 2^32, so their product is an int64."""
    exact = counts * params.scale
    most = np.int64((1 << params.width) - 1)
    rates: Ints = np.minimum(exact, most) if params.overflow is Overflow.SATURATE else exact & most
    return rates
