"""Networks on machines: every key arrives at its destinations, once; what does not fit is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Rounding
from spikelock.models.network.mapping.check import (
    arrivals,
    check,
    check_tables,
    compare_tables,
    outputs_of_keys,
)
from spikelock.models.network.mapping.keys import Block
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import Mapped, map_network, reroute
from spikelock.models.network.mapping.partition import connections, steps
from spikelock.models.network.mapping.tables import Entry, outputs_of
from spikelock.models.network.mapping.turns import Turns, allowed_turns, cycle_of
from spikelock.models.network.program import Population, Program
from spikelock.models.network.stochastic import Stochastic, stochastic

from .networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

MACHINES = {
    "one column": Machine(1, 4, neurons=16),
    "mesh": Machine(3, 3, neurons=8),
    "small tables": Machine(3, 3, neurons=8, entries=6),
    "torus": Machine(4, 3, neurons=8, torus=True),
    "host in the middle": Machine(3, 3, neurons=8, host=4),
    "dies": Machine(4, 2, neurons=8, dies=(2, 1)),
    "dead links": Machine(3, 3, neurons=8, dead=frozenset({(0, Port.EAST), (4, Port.NORTH)})),
}


def every_turn(machine: Machine) -> Turns:
    ports = {node: list(machine.ports(node)) for node in range(machine.nodes)}
    return {n: frozenset((a, b) for a in ports[n] for b in ports[n] if a != b) for n in ports}


@pytest.mark.parametrize("name", MACHINES)
def test_every_key_arrives_where_it_should(name: str) -> None:
    network = program()
    mapped = map_network(network, MACHINES[name])
    assert check(mapped).keys == network.addresses + 1
    assert max(map(len, mapped.tables.values())) <= MACHINES[name].entries
    assert cycle_of(mapped.machine, mapped.turns) == []


def test_the_parts_together_are_the_network() -> None:
    network = program()
    mapped = map_network(network, MACHINES["mesh"])
    assert sorted(mapped.keys.tolist()) == sorted(set(mapped.keys.tolist()))
    assert (mapped.key_addresses[mapped.keys] == np.arange(network.addresses)).all()
    for number, population in enumerate(network.populations):
        placed = [one for one in mapped.placed if one.part.population == number]
        neurons = np.concatenate([one.part.neurons for one in placed])
        assert sorted(neurons.tolist()) == list(range(population.params.neurons))
        wanted = set(zip(*(column.tolist() for column in connections(population)), strict=True))
        found = set()
        for one in placed:
            tile_of = Population("part", one.params, one.configuration)
            for key, target, weight in zip(*connections(tile_of), strict=True):
                neuron = int(one.part.neurons[target])
                found.add((int(mapped.key_addresses[key]), neuron, int(weight)))
        assert found == wanted


def test_spikes_go_to_tiles_that_hear_them_and_to_the_host() -> None:
    network = program()
    mapped = map_network(network, MACHINES["mesh"])
    listens = {
        one.node: set(connections(Population("", one.params, one.configuration))[0]) for one in mapped.placed
    }
    for one in mapped.placed:
        keys = set(range(one.block.base, one.block.base + len(one.part.neurons)))
        found = arrivals(mapped.machine, mapped.tables, mapped.turns, one.node, Port.LOCAL, min(keys))
        wanted = {node for node, heard in listens.items() if heard & keys}
        assert found == Counter([*((node, Port.LOCAL) for node in wanted), (0, Port.HOST)])


def test_steps_follow_the_populations() -> None:
    assert steps(program()) == ([0, 1, 2], 3)
    assert steps(program((5,))) == ([0], 1)


def test_dimension_order_has_no_circle_and_all_turns_have() -> None:
    machine = Machine(2, 2)
    assert cycle_of(machine, allowed_turns(machine)) == []
    assert cycle_of(machine, every_turn(machine))


def test_a_torus_needs_its_rings_opened() -> None:
    machine = Machine(4, 1, torus=True)
    turns = dict(allowed_turns(machine))
    assert cycle_of(machine, turns) == []
    turns[2] = turns[1]
    assert cycle_of(machine, turns)


def test_what_the_host_sends_does_not_come_back_to_it() -> None:
    """Rings that are opened where the host is have no circle of links, but one through the host."""
    for machine in (Machine(3, 1, torus=True), Machine(4, 3, torus=True, host=5), Machine(2, 2, torus=True)):
        assert cycle_of(machine, allowed_turns(machine)) == []
    turns = allowed_turns(Machine(3, 1, torus=True, host=1))  # which are opened at node 2
    moved = {
        node: frozenset((a, b) for a, b in pairs if Port.HOST not in (a, b)) for node, pairs in turns.items()
    }
    host = {(Port.HOST, Port.EAST), (Port.HOST, Port.WEST), (Port.EAST, Port.HOST), (Port.WEST, Port.HOST)}
    circle = cycle_of(Machine(3, 1, torus=True, host=2), {**moved, 2: moved[2] | host})
    assert (2, Port.HOST) in circle


def test_control_a_wrong_table_is_found() -> None:
    mapped = map_network(program(), MACHINES["mesh"])
    node = max(mapped.tables, key=lambda n: len(mapped.tables[n]))
    table = list(mapped.tables[node])
    for number, entry in enumerate(table):
        for outputs in ({Port.LOCAL} ^ entry.outputs, entry.outputs - {min(entry.outputs)}):
            spoiled = [
                *table[:number],
                Entry(entry.key, entry.mask, frozenset(outputs)),
                *table[number + 1 :],
            ]
            with pytest.raises(SpikelockError):
                check_tables(mapped, {**mapped.tables, node: spoiled})


def test_restart_reaches_every_tile_once() -> None:
    mapped = map_network(program(), MACHINES["mesh"])
    found = arrivals(mapped.machine, mapped.tables, mapped.turns, 0, Port.HOST, mapped.restart)
    assert found == Counter((one.node, Port.LOCAL) for one in mapped.placed)


@pytest.mark.parametrize("name", ["small tables", "torus"])
def test_control_a_compressed_table_that_differs_is_found(name: str) -> None:
    mapped = map_network(program(), MACHINES[name])
    assert compare_tables(mapped) > mapped.program.addresses
    for node, table in mapped.tables.items():
        for number in range(len(table)):
            shorter = [*table[:number], *table[number + 1 :]]
            with pytest.raises(SpikelockError, match=f"node {node}: key"):
                compare_tables(mapped, {**mapped.tables, node: shorter})


def test_all_outputs_of_keys_are_those_of_each_key() -> None:
    mapped = map_network(program(), MACHINES["small tables"])
    keys = np.arange(1 << 7)
    for table in mapped.tables.values():
        for source in Port:
            for key, outputs in enumerate(outputs_of_keys(table, keys, source).tolist()):
                one = outputs_of(table, key, source)
                assert outputs == sum(1 << port for port in one or ())


def test_a_broken_mapping_is_refused_before_it_is_loaded() -> None:
    mapped = map_network(program(), MACHINES["mesh"])
    first, second, *others = mapped.placed
    overlapping = replace(mapped, placed=(first, replace(second, block=first.block), *others))
    with pytest.raises(BadInput, match=r"overlap: 0x\w+ would do"):
        check(overlapping)
    with pytest.raises(BadInput, match="no aligned power of two"):
        check(replace(mapped, inputs=Block(3, 16)))
    with pytest.raises(BadInput, match="entries; the routers have 2"):
        check(replace(mapped, machine=replace(mapped.machine, entries=2)))
    with pytest.raises(BadInput, match="wait for each other in a circle"):
        check(replace(mapped, turns=every_turn(mapped.machine)))


@pytest.mark.parametrize("name", ["mesh", "torus", "dies"])
def test_every_single_dead_link_is_routed_around(name: str) -> None:
    mapped = map_network(program(), MACHINES[name])
    for link in mapped.machine.links:
        again = reroute(mapped, [link])
        check(again)
        used = {(node, port) for one in again.journeys for node, ports in one.tree.items() for port in ports}
        assert link not in used
        assert again.placed is mapped.placed


def test_ways_around_use_all_that_lives() -> None:
    machine = Machine(3, 3, dead=frozenset({(0, Port.EAST)}))
    turns = allowed_turns(machine)
    for node, port in machine.links:
        assert any(target == port for _, target in turns[node])


def test_silent_neurons_have_ways_too() -> None:
    """A network is mapped by what is connected, whatever spiked in the run that weighs the placement."""
    network = program()
    mapped = map_network(network, MACHINES["mesh"], spikes=np.zeros(network.addresses, np.int64))
    assert all(one.tree for one in mapped.journeys)
    check(mapped)


def refused(machine: Machine, says: str, network: Program | None = None) -> None:
    with pytest.raises(BadInput, match=says):
        map_network(network or program(), machine)


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    refused(Machine(2, 2, neurons=8), r"needs 6 tiles of 8 neurons .* 3x2 would do")
    refused(Machine(3, 2, neurons=5, dies=(3, 2)), r"needs 9 tiles .* 3x4 would do")
    refused(Machine(3, 3, synapses=5), r"neuron 8 of p1 .*: tiles of 28 synapses")
    refused(Machine(3, 3, neurons=8, key_width=4), "too narrow.*keys of 7 bits would do")
    refused(Machine(3, 3, neurons=8, entries=1), r"compresses to \d+; the routers have 1: \d+ entries")
    cut_off = frozenset({(0, Port.EAST), (0, Port.NORTH)})
    refused(Machine(3, 3, neurons=8), "of bit streams", stochastic(program((5,)), Stochastic())[0])
    with pytest.raises(BadInput, match="in a circle: east of node"):
        map_network(program(), MACHINES["mesh"], turns=every_turn(MACHINES["mesh"]))
    refused(Machine(3, 3, neurons=8, dead=cut_off), "cut off the nodes 1, 2, 3")
    refused(Machine(3, 3, neurons=8), "rounds stochastically", program(rounding=Rounding.STOCHASTIC))


def test_machines_that_are_none_are_refused() -> None:
    for wrong, says in (
        ({"width": 0}, "width = 0"),
        ({"dies": (3, 1)}, "divide the mesh"),
        ({"host": 9}, "host = 9"),
        ({"dead": frozenset({(0, Port.WEST)})}, "no such link"),
    ):
        with pytest.raises(BadInput, match=says):
            replace(Machine(2, 2), **wrong)


def test_a_mapping_is_the_same_every_time() -> None:
    first, second = (map_network(program(), MACHINES["mesh"]) for _ in range(2))
    assert [one.node for one in first.placed] == [one.node for one in second.placed]
    assert first.tables == second.tables
    assert isinstance(first, Mapped)
