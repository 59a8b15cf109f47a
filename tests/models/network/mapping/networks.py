"""Networks that the tests map."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelock.models.fabric import tile
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif


def program(sizes: tuple[int, ...] = (20, 14, 6), part: float = 0.4, seed: int = 1, **neuron: Any) -> Program:
    """Populations one behind the other, each with synapses from everything before it; the second recurs."""
    random = np.random.default_rng(seed)
    axons, populations = 12, []
    for number, neurons in enumerate(sizes):
        params = tile.Params(
            lif.Params(width=16, current_width=16, **neuron),
            neurons,
            axons,
            (axons + neurons) * neurons,
            recurrent=number == 1,
        )
        sources, targets = np.nonzero(random.random((params.rows, neurons)) < part)
        weights = random.integers(-9, 10, len(sources))
        contents = tile.rows_and_synapses(params, sources, targets, weights)
        configuration = tile.CORE.configuration(params, {}, contents)
        populations.append(Population(f"p{number}", params, configuration))
        axons += neurons
    return Program(12, tuple(populations), f"p{len(sizes) - 1}")
