"""Memories that are filled from power-up hold the same as memories that a host loads."""

from __future__ import annotations

import numpy as np

from spikelock.models.core import run_reference
from spikelock.models.fabric import tile
from spikelock.models.neurons import lif
from spikelock.rtl.fabric.tile import Tile
from spikelock.testbenches.lockstep import HEAVY, Job, Model, build

PARAMS = tile.Params(lif.Params(threshold=100), neurons=5, axons=6, synapses=30)


def test_initialised_memories_need_no_loading() -> None:
    random = np.random.default_rng(1)
    sources, targets = np.nonzero(np.ones((6, 5)))
    memories = tile.rows_and_synapses(PARAMS, sources, targets, random.integers(-60, 90, 30))
    memories["bias"] = tile.memories(PARAMS)["bias"].layout.records(random.integers(-10, 40, 5))
    configuration = tile.CORE.configuration(PARAMS, {}, memories)
    events = [(0, a) if a < 6 else (1, 0) for a in random.integers(0, 9, 500).tolist()]
    inputs = {"input": tile.inputs(PARAMS)["input"].from_tuples(events)}
    _, expected = run_reference(tile.CORE, PARAMS, configuration, inputs)
    assert (expected["output"]["address"] >= PARAMS.axons).sum() > 50, "neurons must fire"

    ports = tile.CORE.pins(PARAMS), tile.CORE.outputs(PARAMS)
    job = Job(inputs, expected=expected, levels={"registers": configuration.registers}, stalls=HEAVY)
    with Model(build(Tile(PARAMS, configuration.memories), *ports)) as model:
        assert model.run(job).ok
    with Model(build(Tile(PARAMS), *ports)) as model:
        assert not model.run(job).ok, "without contents nothing is connected"
