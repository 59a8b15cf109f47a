"""The mesh: engine = reference; a mapped network on it is the network; what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.fabric import mesh as engine
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fabric import tile
from spikelock.models.fabric.mesh import CORE, Params, arrivals, turns_of
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.machine import OPPOSITE, Machine, Port
from spikelock.models.neurons import lif
from spikelock.testbenches.fabric import meshes

NEURON = lif.Params(threshold=60, refractory_period=1, constants=True)


def params(machine: Machine, *there: bool) -> Params:
    keys = meshes.BLOCK * (1 + machine.nodes) + 1
    sizes = tile.Params(NEURON, 2, keys, 2 * keys)
    machine = replace(machine, entries=machine.nodes + 3, key_width=keys.bit_length())
    return Params(machine, meshes.tiles(sizes, *there), split=True)


MESHES = {
    "one node": params(Machine(1, 1), True),
    "row": params(Machine(3, 1, host=1), True, False, True),
    "mesh": params(Machine(2, 2), True, True, True, True),
    "torus": params(Machine(3, 3, torus=True, host=4), *[True, False, True] * 3),
    "dead link": params(Machine(2, 2, dead=frozenset({(0, Port.EAST)})), True, True, False, True),
}


@pytest.mark.parametrize("name", MESHES)
@settings(max_examples=8)
@given(seed=st.integers(0, 1 << 30), steps=st.integers(1, 3))
def test_engine_equals_reference(name: str, seed: int, steps: int) -> None:
    chosen, random = MESHES[name], np.random.default_rng(seed)
    configuration = CORE.configuration(
        chosen, meshes.registers(chosen, steps), meshes.memories(chosen, random, loose=True)
    )
    inputs = {"input": meshes.host_events(chosen, random, 60)}
    _, expected = run_reference(CORE, chosen, configuration, inputs)
    found = engine.run(chosen, configuration, inputs)
    for output, records in expected.items():
        assert np.array_equal(records, found[output]), output


@settings(max_examples=8)
@given(seed=st.integers(0, 1 << 30))
def test_engine_equals_reference_with_any_settings(seed: int) -> None:
    chosen, random = MESHES["torus"], np.random.default_rng(seed)
    memories = meshes.memories(chosen, random, loose=True)
    configuration = CORE.configuration(chosen, meshes.random_registers(chosen, random), memories)
    inputs = {"input": meshes.host_events(chosen, random, 60)}
    _, expected = run_reference(CORE, chosen, configuration, inputs)
    found = engine.run(chosen, configuration, inputs)
    for output, records in expected.items():
        assert np.array_equal(records, found[output]), output


def test_each_way_not_to_be_used_is_counted_once() -> None:
    """After rule 4 of `docs/mesh.md`: by hand, with one event of each sort and a small table."""
    chosen = params(Machine(1, 1), True)
    layout = chosen.routers[0].table["table"].layout
    table = layout.from_tuples(
        [(1, 1, 15, 1 << Port.NORTH), (1, 2, 15, 1 << Port.LOCAL), (1, 3, 15, 1 << Port.LOCAL | 1)]
    )
    keys = chosen.nodes[0].tile.axons
    both = 1 << Port.LOCAL | 1 << Port.NORTH
    registers = {"node0_dead": 1 << Port.NORTH, f"node0_turns{Port.HOST}": both}
    configuration = CORE.configuration(chosen, registers, {"node0_table": table})
    events = [
        (Kind.SPIKE, 0),  # no entry
        (Kind.SPIKE, 1),  # to a dead link
        (Kind.FAULT, 2),
        (Kind.RESTART, 3),  # one of two turns is forbidden
        (Kind.TICK, 0),
        (Kind.SPIKE, keys - 1),  # no entry, and not shown any more
        (Kind.TICK, 0),
    ]
    inputs = {"input": CORE.inputs(chosen)["input"].from_tuples(events)}
    shown = {"unroutable": 1, "forbidden": 1, "lost0": 0, "lost1": 1, "lost2": 0, "lost3": 0, "faults": 1}
    for found in (
        run_reference(CORE, chosen, configuration, inputs)[1],
        engine.run(chosen, configuration, inputs),
    ):
        assert found["counted"]["value"].tolist() == list(shown.values())


@pytest.mark.parametrize("name", MESHES)
def test_each_mark_is_waited_for_only_where_one_comes(name: str) -> None:
    """A channel that an input may turn from has, at its other end, an input that may turn to it."""
    chosen = MESHES[name]
    turns = turns_of(chosen)
    for (node, port), other in chosen.machine.links.items():
        sends = any(turn >> port & 1 for turn in turns[node])
        assert sends or not turns[other][OPPOSITE[port]]
    for node in set(range(chosen.machine.nodes)) - set(chosen.placed):
        assert turns[node][Port.LOCAL] == 0
        assert not any(turn >> Port.LOCAL & 1 for turn in turns[node])


def test_an_event_that_goes_round_is_an_error() -> None:
    chosen = MESHES["row"]
    layout = chosen.routers[0].table["table"].layout
    back = layout.from_tuples([(1, 0, 0, 1 << Port.EAST)])
    again = layout.from_tuples([(1, 0, 0, 1 << Port.WEST)])
    turns = {f"node0_turns{Port.EAST}": 31, f"node1_turns{Port.WEST}": 63, f"node1_turns{Port.HOST}": 63}
    configuration = CORE.configuration(chosen, turns, {"node0_table": back, "node1_table": again})
    with pytest.raises(SpikelockError, match="goes round for ever"):
        arrivals(chosen, configuration, 1, Port.HOST, 0)
    with pytest.raises(SpikelockError, match="goes round for ever"):
        engine.run(chosen, configuration, {"input": CORE.inputs(chosen)["input"].records([Kind.TICK], [0])})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tiles": (tile.Params(),)}, "1 tiles for a mesh of 2 nodes"),
        ({"tiles": (None, None)}, "a mesh without a tile"),
        ({"machine": Machine(3, 1), "tiles": (tile.Params(),) * 3, "payload_width": 1}, "2 bits or more"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Params(**wrong)
