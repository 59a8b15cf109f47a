"""Networks on machines: every key arrives at its destinations, once; what does not fit is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fabric import tile
from spikelock.models.fixed import Rounding
from spikelock.models.network.mapping.check import arrivals, check_tables
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.mapping.partition import connections, steps
from spikelock.models.network.mapping.tables import Entry
from spikelock.models.network.mapping.turns import allowed_turns, cycle_of
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif

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


@pytest.mark.parametrize("name", MACHINES)
def test_every_key_arrives_where_it_should(name: str) -> None:
    network = program()
    mapped = map_network(network, MACHINES[name])
    assert check_tables(mapped) == network.addresses + 1
    assert check_tables(mapped, mapped.uncompressed) == network.addresses + 1
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
    ports = {node: list(machine.ports(node)) for node in range(4)}
    every = {n: frozenset((a, b) for a in ports[n] for b in ports[n] if a != b) for n in ports}
    assert cycle_of(machine, every)


def test_a_torus_needs_its_rings_opened() -> None:
    machine = Machine(4, 1, torus=True)
    turns = dict(allowed_turns(machine))
    assert cycle_of(machine, turns) == []
    turns[0] = turns[1]
    assert cycle_of(machine, turns)


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


def refused(machine: Machine, says: str, network: Program | None = None) -> None:
    with pytest.raises(BadInput, match=says):
        map_network(network or program(), machine)


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    refused(Machine(2, 2, neurons=8), r"needs 6 tiles of 8 neurons .* 3x2 would do")
    refused(Machine(3, 3, synapses=5), "synapses; a tile has 5")
    refused(Machine(3, 3, neurons=8, key_width=4), "keys of 4 bits are too narrow")
    refused(Machine(3, 3, neurons=8, entries=1), "compresses to")
    cut_off = frozenset({(0, Port.EAST), (0, Port.NORTH)})
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
