"""A network on a machine: where its neurons are, what each router's table holds, what each tile loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fixed import Ints, Rounding
from spikelock.models.network.program import Program

from .covering import compress
from .keys import Block, allocate, keys_of
from .machine import LINKS, OPPOSITE, Machine, Node, Port
from .partition import Part, connections, partition, steps, traffic
from .placement import place
from .tables import Entry, Table, without_straight_ways
from .trees import Tree, multicast_tree
from .turns import Turns, allowed_turns, cycle_of


@dataclass(frozen=True)
class Placed:
    """A part on its tile.

    step: of a tick, in which it sweeps. params, configuration: of the tile, whose sources are keys.
    """

    part: Part
    block: Block
    node: Node
    step: int
    params: tile.Params
    configuration: Configuration


@dataclass(frozen=True, eq=False)
class Mapped:
    """A network that is mapped.

    inputs: the host's block. placed: in order of populations. keys: by address of the program. restart: the
    key that reaches all nodes. steps: of a tick. trees: of each block, the host's first, then of RESTART.
    uncompressed, tables: by node.
    """

    program: Program
    machine: Machine
    inputs: Block
    placed: tuple[Placed, ...]
    keys: Ints
    restart: int
    steps: int
    turns: Turns
    trees: tuple[Tree, ...]
    uncompressed: Mapping[Node, Table]
    tables: Mapping[Node, Table]

    @property
    def key_addresses(self) -> Ints:
        """By key: the program's address, −1 where there is none. Inverse of `keys`."""
        addresses = np.full(self.restart + 1, -1, np.int64)
        addresses[self.keys] = np.arange(len(self.keys))
        return addresses


def map_network(program: Program, machine: Machine, spikes: Ints | None = None, seed: int = 0) -> Mapped:
    """Partition, placement, keys, trees, tables.

    spikes: by address, how often each spiked in some run, for the placement; once each, if not given.
    Raises BadInput for a machine that cannot hold the network, with one that can; MissingTool.
    """
    turns = allowed_turns(machine)
    if circle := cycle_of(machine, turns):
        raise BadInput(f"these channels would wait for each other in a circle: {circle}")
    parts = partition(program, machine)
    flow = traffic(program, parts, spikes)
    nodes = place(machine, flow, seed)
    blocks, restart = allocate(parts, machine)
    keys = keys_of(program, parts, blocks)
    phases, ticks = steps(program)
    placed = tuple(
        Placed(part, block, node, phases[part.population], *_tile(program, part, keys, restart))
        for part, block, node in zip(parts[1:], blocks[1:], nodes, strict=True)
    )
    trees = [
        multicast_tree(machine, turns, source, destinations, entered_by)
        for source, entered_by, destinations in _journeys(machine, flow, nodes)
    ]
    entries = [(block.base, block.mask(machine.key_width)) for block in blocks]
    entries.append((restart, (1 << machine.key_width) - 1))
    uncompressed = _tables(machine, trees, entries, nodes)
    tables = {
        node: compress(table, machine.entries, machine.key_width) for node, table in uncompressed.items()
    }
    return Mapped(
        program,
        machine,
        blocks[0],
        placed,
        keys,
        restart,
        ticks,
        turns,
        tuple(trees),
        uncompressed,
        tables,
    )


def _journeys(
    machine: Machine, flow: Ints, nodes: list[Node]
) -> list[tuple[Node, Port, list[tuple[Node, Port]]]]:
    """Of each block, then of RESTART: where its events enter, by which port, and where they have to go."""
    doors = [(machine.host, Port.HOST), *((node, Port.LOCAL) for node in nodes)]
    found = [
        (*door, [doors[other] for other in np.flatnonzero(flow[index]).tolist()])
        for index, door in enumerate(doors)
    ]
    found.append((machine.host, Port.HOST, doors[1:]))
    return found


def _tables(
    machine: Machine, trees: list[Tree], entries: list[tuple[int, int]], nodes: list[Node]
) -> dict[Node, list[Entry]]:
    """By node, the entries of all blocks that pass it, without those that the default route replaces."""
    tables: dict[Node, list[Entry]] = {node: [] for node in range(machine.nodes)}
    sources: dict[Node, list[Port]] = {node: [] for node in range(machine.nodes)}
    doors = [(machine.host, Port.HOST), *((node, Port.LOCAL) for node in nodes), (machine.host, Port.HOST)]
    for tree, (key, mask), (start, door) in zip(trees, entries, doors, strict=True):
        entered = {machine.links[n, p]: OPPOSITE[p] for n, ports in tree.items() for p in ports if p in LINKS}
        for node, ports in tree.items():
            tables[node].append(Entry(key, mask, ports))
            sources[node].append(door if node == start else entered[node])
    return {node: without_straight_ways(table, sources[node]) for node, table in tables.items()}


def _tile(program: Program, part: Part, keys: Ints, restart: int) -> tuple[tile.Params, Configuration]:
    """The tile of a part: the rows of its neurons, found by key."""
    population = program.populations[part.population]
    whole = population.params
    if population.params.neuron.rounding is Rounding.STOCHASTIC and len(part.neurons) < whole.neurons:
        raise BadInput(
            f"population {population.name} rounds stochastically, with one source of random numbers for its "
            f"{whole.neurons} neurons, so it cannot be cut: a tile must hold them all, or round otherwise"
        )
    sources, targets, weights = connections(population)
    index = np.full(whole.neurons, -1)
    index[part.neurons] = np.arange(len(part.neurons))
    mine = np.flatnonzero(index[targets] >= 0)
    memories = population.configuration.memories
    params = tile.Params(
        whole.neuron, len(part.neurons), restart + 1, max(1, len(mine)), whole.weight_width, recurrent=False
    )
    contents = tile.rows_and_synapses(params, keys[sources[mine]], index[targets[mine]], weights[mine])
    bias = tile.memories(params)["bias"].layout.records(memories["bias"]["bias"][part.neurons])
    configuration = tile.CORE.configuration(
        params, population.configuration.registers, {**contents, "bias": bias}
    )
    return params, configuration
