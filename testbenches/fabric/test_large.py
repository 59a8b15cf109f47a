"""A tile of the size the foundation promises: 1,024 neurons and 65,536 synapses, recurrent."""

from __future__ import annotations

import numpy as np

from spikelock.models.compare import first_divergence
from spikelock.models.fabric import tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif
from spikelock.testbenches.network import RTL, Software


def test_a_large_recurrent_tile_agrees() -> None:
    random = np.random.default_rng(3)
    params = tile.Params(
        lif.Params(threshold=300, current_width=18, refractory_period=2),
        neurons=1024,
        axons=256,
        synapses=65_536,
        recurrent=True,
    )
    pairs = random.choice(params.rows * params.neurons, params.synapses, replace=False)
    sources, targets = np.divmod(pairs, params.neurons)
    memories = tile.rows_and_synapses(params, sources, targets, random.integers(-40, 60, len(pairs)))
    population = Population("large", params, tile.CORE.configuration(params, {}, memories))
    program = Program(256, (population,), "large")
    spikes = random.random((2, 8, 256)) < 0.2
    golden = Software("engine", program).run(spikes).trace
    run = RTL(program, seed=3).run(spikes)
    fired = (golden.events["kind"] == Kind.SPIKE) & (golden.events["address"] >= 256)
    assert np.count_nonzero(fired) > 500, "neurons must fire, and be heard by others"
    assert run.problems == ()
    assert first_divergence(golden.events, run.trace.events) is None
