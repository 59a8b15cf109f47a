"""What is read out of idle tiles is what they hold, and reading changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from spikelock.models.compare import compare
from spikelock.models.core import run_reference
from spikelock.models.engine.fabric.tile import Tile as Engine
from spikelock.models.fabric import chain, tile
from spikelock.models.fabric.inspection import (
    chain_inspected,
    chain_state_records,
    tile_inspected,
)
from spikelock.models.fixed import Rounding
from spikelock.models.mutant import Mutant
from spikelock.models.neurons import lif
from spikelock.models.ports import MemoryMap, Records, inspect_port, inspected_port, load_records
from spikelock.rtl.fabric.chain import Chain
from spikelock.rtl.fabric.tile import Tile
from spikelock.testbenches.fabric.events import random_connections, random_events
from spikelock.testbenches.lockstep import HEAVY, Built, Job, Model, build

FIRST = tile.Params(
    lif.Params(threshold=90, refractory_period=2, rounding=Rounding.STOCHASTIC), 5, 6, 30, recurrent=False
)
SECOND = tile.Params(lif.Params(width=12, threshold=60, reset=-9), 4, 11, 60, recurrent=True)
PARAMS = chain.Params((FIRST, SECOND))
INSPECTED = chain_inspected(PARAMS)


@pytest.fixture(scope="module")
def built() -> Built:
    """A chain that can be inspected."""
    return build_chain(Chain(PARAMS, inspect=True))


def build_chain(component: Any) -> Built:
    inputs = chain.CORE.pins(PARAMS) | {"inspect": inspect_port(INSPECTED)}
    outputs = {**chain.CORE.outputs(PARAMS), "inspected": inspected_port(INSPECTED)}
    return build(component, inputs, outputs)


def read_all(model: Model, inspected: MemoryMap) -> dict[str, Records]:
    """Every memory, one address a cycle; the tiles must be idle all the time."""
    found = {}
    for number, (name, memory) in enumerate(inspected.items()):
        asked = inspect_port(inspected).records(np.full(memory.depth, number), np.arange(memory.depth))
        response = model.run(Job(levels={"inspect": asked}, watch=True, drain=memory.depth + 2))
        assert response.ok, response.problems
        seen = response.levels["inspected"]
        assert seen["idle"].all()
        # The level that is given in a cycle is read at its end, and is seen in the next.
        words = seen["data"][1 : memory.depth + 1].astype(np.uint64)[:, np.newaxis]
        found[name] = memory.layout.unpack(words)
    return found


def random_contents(seed: int) -> dict[str, Records]:
    parts = [random_connections(FIRST, seed, 0.7, -60, 90), random_connections(SECOND, seed, 0.6, -30, 40)]
    return {chain.prefix(n) + name: r for n, part in enumerate(parts) for name, r in part.items()}


@pytest.mark.parametrize("seed", range(3))
def test_memories_and_states_are_read_and_the_run_goes_on(built: Built, seed: int) -> None:
    check(built, seed)


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("self.input.ready & ~self.input.valid", "self.input.ready", "output"),
        ("port.addr.eq(self.inspect.address)", "port.addr.eq(self.inspect.address ^ 1)", "tile0_rows"),
        ("*(port.data for port in ports), random", "*(port.data for port in ports), 1", "tile0_lfsr"),
    ],
    ids=["reads while an event is taken", "another record", "another register"],
)
def test_control_reads_that_are_wrong_are_seen(old: str, new: str, seen: str) -> None:
    mutant = Mutant("inspection", "fabric.tile", old, new)
    with pytest.raises(AssertionError, match=seen):
        check(build_chain(mutant.component("fabric.chain", PARAMS, inspect=True)), 0)


def check(built: Built, seed: int) -> None:
    """Random events with reads all the while; between them every memory is read while the chain is idle."""
    configuration = chain.CORE.configuration(PARAMS, {}, random_contents(seed))
    whole = random_events(chain.CORE.inputs(PARAMS)["input"], FIRST.axons)(np.random.default_rng(seed), 400)
    state, spikes = None, 0
    with Model(built, seed=seed) as model:
        loading = load_records(chain.CORE.memories(PARAMS), configuration.memories)
        levels = {"registers": configuration.registers, "inspect": {"memory": 0, "address": 0}}
        assert model.run(Job({"load": loading}, levels=levels, counts={"output": 0})).ok
        for events in np.array_split(whole["input"], 8):
            inputs = {"input": events}
            state, expected = run_reference(chain.CORE, PARAMS, configuration, inputs, state)
            spikes += int((expected["output"]["address"] >= FIRST.axons).sum())
            random_reads = inspect_port(INSPECTED).records(
                np.random.default_rng(seed).integers(0, len(INSPECTED), 300),
                np.random.default_rng(seed).integers(0, 60, 300),
            )
            job = Job(inputs, expected=expected, levels={"inspect": random_reads}, stalls=HEAVY, seed=seed)
            response = model.run(job)
            assert response.ok, response.problems
            holds = {**configuration.memories, **chain_state_records(PARAMS, state)}
            verdict = compare(holds, read_all(model, INSPECTED))
            assert verdict.agrees, verdict.divergences
    assert spikes > 50, "neurons must fire"


def test_states_are_those_of_the_engine(built: Built) -> None:
    configuration = chain.CORE.configuration(PARAMS, {}, random_contents(9))
    random = np.random.default_rng(9)
    tiles = [
        Engine(sizes, part, 1)
        for sizes, part in zip((FIRST, SECOND), chain.split(PARAMS, configuration), strict=True)
    ]
    with Model(built) as model:
        loading = load_records(chain.CORE.memories(PARAMS), configuration.memories)
        levels = {"registers": configuration.registers, "inspect": {"memory": 0, "address": 0}}
        assert model.run(Job({"load": loading}, levels=levels, counts={"output": 0})).ok
        for _ in range(20):
            sent = random.random((1, FIRST.axons)) < 0.6
            events = [(0, address) for address in np.flatnonzero(sent).tolist()] + [(1, 0)]
            records = chain.CORE.inputs(PARAMS)["input"].from_tuples(events)
            assert model.run(Job({"input": records})).ok
            for engine in tiles:
                sent = np.concatenate((sent, engine.tick(sent)), axis=1)
            found = read_all(model, INSPECTED)
            for number, engine in enumerate(tiles):
                neurons = found[f"{chain.prefix(number)}neurons"]
                assert neurons["membrane"].tolist() == engine.neurons.membrane[0].tolist()
                assert neurons["refractory"].tolist() == engine.neurons.refractory[0].tolist()


def test_control_a_tile_that_is_busy_is_not_idle() -> None:
    inspected = tile_inspected(FIRST)
    inputs = tile.CORE.pins(FIRST) | {"inspect": inspect_port(inspected)}
    outputs = {**tile.CORE.outputs(FIRST), "inspected": inspected_port(inspected)}
    event = tile.CORE.inputs(FIRST)["input"].from_tuples([(1, 0)])
    levels: Mapping[str, Mapping[str, int]] = {
        "registers": tile.CORE.configuration(FIRST).registers,
        "inspect": {"memory": 3, "address": 0},
    }
    with Model(build(Tile(FIRST, inspect=True), inputs, outputs)) as model:
        response = model.run(Job({"input": event}, levels=levels, watch=True))
        idle = response.levels["inspected"]["idle"].tolist()
        assert response.ok
        assert 0 in idle
        assert idle[-1] == 1


def test_without_the_ports_nothing_is_added() -> None:
    assert "inspect" not in Chain(PARAMS).signature.members
    assert "inspect" in Chain(PARAMS, inspect=True).signature.members
