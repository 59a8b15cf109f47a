"""Meshes for benches: keys, tables and synapses for any of them, made without a network to map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.fabric import mesh, tile
from spikelock.models.fabric.mesh import Params, prefix
from spikelock.models.network.mapping.hardware import table_records
from spikelock.models.network.mapping.machine import Port
from spikelock.models.network.mapping.tables import Entry
from spikelock.models.network.mapping.trees import multicast_tree
from spikelock.models.network.mapping.turns import allowed_turns
from spikelock.models.ports import Records
from spikelock.testbenches.fabric.events import random_connections

BLOCK = 4
"""Keys of every part: the inputs', 0 … 3, then those of each node. Behind them is RESTART's."""


def restart_key(params: Params) -> int:
    """Of the last key; each tile has as many axons as there are keys up to it."""
    return BLOCK * (1 + params.machine.nodes)


def memories(params: Params, random: np.random.Generator) -> dict[str, Records]:
    """Tables by which each part's events reach the host and some tiles, and random synapses."""
    machine, keys = params.machine, (1 << params.machine.key_width) - 1
    turns = allowed_turns(machine)
    tables: dict[int, list[Entry]] = {number: [] for number in range(machine.nodes)}
    tiles = [(number, Port.LOCAL) for number in params.placed]
    host = (machine.host, Port.HOST)
    journeys = [(host, 0, BLOCK), (host, restart_key(params), 1)]
    journeys += [((n, Port.LOCAL), BLOCK * (1 + n), BLOCK) for n in params.placed]
    for (node, door), base, size in journeys:
        heard = [place for place in tiles if size == 1 or random.random() < 0.7]
        ends = heard if door == Port.HOST else [*heard, host]
        tree = multicast_tree(machine, turns, node, ends or tiles[:1], door)
        for number, outputs in tree.items():
            tables[number].append(Entry(base, keys & ~(size - 1), outputs))
    found: dict[str, Records] = {}
    for number, sizes in enumerate(params.routers):
        found[prefix(number) + "table"] = table_records(sizes.table["table"].layout, tables[number])
    for number, one in params.nodes.items():
        contents = random_connections(one.tile, int(random.integers(1 << 31)), 0.8, -8, 20)
        found |= {prefix(number) + name: records for name, records in contents.items()}
    return found


def registers(params: Params, steps: int) -> Mapping[str, int]:
    """Tiles take part in the steps of a tick in turn."""
    found: dict[str, int] = {}
    for position, number in enumerate(params.placed):
        start = prefix(number)
        found |= {
            start + "base": BLOCK * (1 + number),
            start + "step": position % steps,
            start + "steps": steps,
        }
    return found


def tiles(params: tile.Params, *there: bool) -> tuple[tile.Params | None, ...]:
    """The same tile in some nodes."""
    return tuple(params if one else None for one in there)


def host_events(params: Params, random: np.random.Generator, size: int) -> Records:
    """Inputs, marks, and restarts now and then, from the host."""
    port = mesh.inputs(params)["input"]
    events: list[tuple[int, int]] = []
    while len(events) < size:
        if random.random() < 0.1:
            events.append((tile.Kind.RESTART, restart_key(params)))
        count = int(random.integers(0, 2 * BLOCK))
        events += [(tile.Kind.SPIKE, int(key)) for key in random.integers(0, BLOCK, count)]
        events.append((tile.Kind.TICK, 0))
    return port.from_tuples(events)
