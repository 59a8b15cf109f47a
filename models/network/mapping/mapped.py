"""A network on a machine: where its neurons are, what each router's table holds, what each tile loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fixed import Ints, Rounding
from spikelock.models.network.program import Program

from .covering import shortened
from .keys import Block, allocate, keys_of, require_disjoint
from .machine import LINKS, Machine, Node, Port
from .partition import Part, connections, partition, steps, traffic
from .placement import place
from .tables import Entry, Journey, Table, tables_of
from .trees import multicast_tree
from .turns import Turns, allowed_turns, require_no_circle


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
    key that reaches all tiles. steps: of a tick. journeys: of each block, the host's first, then of RESTART.
    uncompressed, tables: by node. straight: by node, the blocks that go there by the default route.
    """

    program: Program
    machine: Machine
    inputs: Block
    placed: tuple[Placed, ...]
    keys: Ints
    restart: int
    steps: int
    turns: Turns
    journeys: tuple[Journey, ...]
    uncompressed: Mapping[Node, Table]
    straight: Mapping[Node, Table]
    tables: Mapping[Node, Table]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Of the inputs, then of the parts."""
        return self.inputs, *(one.block for one in self.placed)

    @property
    def key_addresses(self) -> Ints:
        """By key: the program's address, −1 where there is none. Inverse of `keys`."""
        addresses = np.full(self.restart + 1, -1, np.int64)
        addresses[self.keys] = np.arange(len(self.keys))
        return addresses


def map_network(
    program: Program,
    machine: Machine,
    spikes: Ints | None = None,
    seed: int = 0,
    turns: Turns | None = None,
) -> Mapped:
    """Partition, placement, keys, trees, tables.

    spikes: by address, how often each spiked in some run, for the placement; once each, if not given. turns:
    other than those that `allowed_turns` gives. Raises BadInput for a machine that cannot hold the network,
    with one that can, for populations of bit streams, and for turns with a circle; MissingTool.
    """
    for population in program.populations:
        if not isinstance(population.params, tile.Params):
            raise BadInput(
                f"population {population.name} is of bit streams; a node holds a tile with exact sums: map "
                "the program as it is before --arithmetic stochastic, or run this one as a chain"
            )
    turns = allowed_turns(machine) if turns is None else turns
    require_no_circle(machine, turns)
    parts = partition(program, machine)
    nodes = place(machine, traffic(program, parts, spikes), seed)
    blocks, restart = allocate(parts, machine)
    require_disjoint(blocks)
    keys = keys_of(program, parts, blocks)
    phases, ticks = steps(program)
    placed = tuple(
        Placed(part, block, node, phases[part.population], *_tile(program, part, keys, restart))
        for part, block, node in zip(parts[1:], blocks[1:], nodes, strict=True)
    )
    doors = [(machine.host, Port.HOST), *((node, Port.LOCAL) for node in nodes)]
    reached = [[doors[other] for other in np.flatnonzero(row)] for row in traffic(program, parts)]
    whole = (1 << machine.key_width) - 1
    masks = [(block.base, block.mask(machine.key_width)) for block in blocks]
    journeys = [
        Journey(*door, *mask, multicast_tree(machine, turns, door[0], there, door[1]))
        for door, mask, there in zip(
            [*doors, doors[0]], [*masks, (restart, whole)], [*reached, doors[1:]], strict=True
        )
    ]
    return Mapped(
        program,
        machine,
        blocks[0],
        placed,
        keys,
        restart,
        ticks,
        turns,
        tuple(journeys),
        *_routes(machine, journeys),
    )


def reroute(mapped: Mapped, dead: Iterable[tuple[Node, Port]]) -> Mapped:
    """The same network in the same places with the same keys, by ways that avoid more dead links.

    Only turns and tables change: no tile has to be loaded again. Raises BadInput where the dead links cut off
    a node, and where the new tables do not fit.
    """
    machine = replace(mapped.machine, dead=mapped.machine.dead | frozenset(dead))
    turns = allowed_turns(machine)
    require_no_circle(machine, turns)
    journeys = []
    for old in mapped.journeys:
        there = [(node, port) for node, ports in old.tree.items() for port in ports if port not in LINKS]
        tree = multicast_tree(machine, turns, old.node, there, old.door)
        journeys.append(replace(old, tree=tree))
    uncompressed, straight, tables = _routes(machine, journeys)
    return replace(
        mapped,
        machine=machine,
        turns=turns,
        journeys=tuple(journeys),
        uncompressed=uncompressed,
        straight=straight,
        tables=tables,
    )


def _routes(
    machine: Machine, journeys: Sequence[Journey]
) -> tuple[dict[Node, list[Entry]], dict[Node, list[Entry]], dict[Node, list[Entry]]]:
    """Uncompressed tables, what goes by the default route, and compressed tables."""
    uncompressed, straight = tables_of(machine, journeys)
    tables = {
        node: shortened(table, machine.entries, machine.key_width, straight[node])
        for node, table in uncompressed.items()
    }
    longest = max(tables, key=lambda node: len(tables[node]))
    if (least := len(tables[longest])) > machine.entries:
        raise BadInput(
            f"the routing table of node {longest} has {len(uncompressed[longest])} entries and compresses to "
            f"{least}; the routers have {machine.entries}: {least} entries, or fewer and larger parts, "
            "would do"
        )
    return uncompressed, straight, tables


def _tile(program: Program, part: Part, keys: Ints, restart: int) -> tuple[tile.Params, Configuration]:
    """The tile of a part: the rows of its neurons, found by key."""
    population = program.populations[part.population]
    whole = population.exact
    if whole.neuron.rounding is Rounding.STOCHASTIC and len(part.neurons) < whole.neurons:
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
