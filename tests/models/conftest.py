"""A small network that several tests take."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.fabric import tile
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif


@pytest.fixture
def program() -> Program:
    """Six inputs, a recurrent hidden population of eight, an output population of four that sees only it."""
    random = np.random.default_rng(1)
    neuron = lif.Params(refractory_period=1)
    sizes = {
        "hidden": tile.Params(neuron, neurons=8, axons=6, synapses=112, recurrent=True),
        "output": tile.Params(neuron, neurons=4, axons=14, synapses=32),
    }
    populations = []
    for name, params in sizes.items():
        connected = random.random((params.rows, params.neurons)) < 0.6
        if name == "output":
            connected[:6] = False
        source, target = np.nonzero(connected)
        contents = tile.rows_and_synapses(params, source, target, random.integers(-60, 128, len(source)))
        contents["bias"] = tile.memories(params)["bias"].layout.records(
            random.integers(-5, 20, params.neurons)
        )
        populations.append(Population(name, params, tile.CORE.configuration(params, memories=contents)))
    return Program(6, tuple(populations), "output")


@pytest.fixture
def spikes() -> NDArray[np.bool_]:
    """Input spikes for it: 20 samples of 15 ticks."""
    return np.random.default_rng(2).random((20, 15, 6)) < 0.4
