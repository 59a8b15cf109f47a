"""Runs a network in steps with real numbers: what the integers of a program are measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.neurons.lif import ResetMode

from .discretise import Fires, Stepped
from .lower import INPUT


def simulate(network: Stepped, spikes: NDArray[Any]) -> NDArray[np.bool_]:
    """Every spike of inputs and neurons, by the equation of `discretise`, in float64.

    Shape of spikes: (samples, ticks, inputs), of the result: (samples, ticks, addresses), with the addresses
    of a `Program`: inputs first, then the neurons of each population in turn.
    """
    samples, ticks, _ = spikes.shape
    populations, how = network.populations, network.discretisation
    fired = {p.name: np.zeros((samples, ticks, p.neurons), np.bool_) for p in populations}
    potential = {p.name: np.full((samples, p.neurons), p.rest) for p in populations}
    before = {INPUT: spikes.astype(np.bool_)} | fired
    for tick in range(ticks):
        for p in populations:
            x = potential[p.name]
            u = x + p.leak * (p.rest - x) + p.bias
            for source, weights in p.weights.items():
                when = tick - 1 if source == p.name else tick
                if when >= 0:
                    u += before[source][:, when] @ weights.T
            spike = u >= 1 if how.fires is Fires.AT_THRESHOLD else u > 1
            after = u - 1 if how.reset is ResetMode.SUBTRACT else np.zeros_like(u)
            potential[p.name] = np.where(spike, after, u)
            fired[p.name][:, tick] = spike
    return np.concatenate([before[INPUT], *(fired[p.name] for p in populations)], axis=2)


def classify(output: NDArray[Any]) -> NDArray[np.int64]:
    """The neuron that fired most in each sample; among equals the one of the lowest index.

    Shape: (samples, ticks, neurons) to (samples,).
    """
    return np.asarray(np.argmax(output.sum(axis=1), axis=1), np.int64)
