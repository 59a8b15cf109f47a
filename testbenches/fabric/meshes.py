"""Meshes for benches: keys, tables and synapses for any of them, made without a network to map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from spikelock.models.fabric import mesh, tile
from spikelock.models.fabric.mesh import Params, prefix
from spikelock.models.network.mapping.hardware import table_records
from spikelock.models.network.mapping.machine import LINKS, Port
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


def memories(params: Params, random: np.random.Generator, *, loose: bool = False) -> dict[str, Records]:
    """Tables by which each part's events reach the host and some tiles, and random synapses.

    loose: each table begins with an entry that sends one key of the host's to any outputs, or to none. A key
    of a tile keeps to its tree: else the order in which its events reach the host would depend on timing.
    """
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
    if loose:
        for number, entries in tables.items():
            entries.insert(0, _loose_entry(params, number, random))
    found: dict[str, Records] = {}
    for number, sizes in enumerate(params.routers):
        found[prefix(number) + "table"] = table_records(sizes.table["table"].layout, tables[number])
    for number, one in params.nodes.items():
        contents = random_connections(one.tile, int(random.integers(1 << 31)), 0.8, -8, 20)
        found |= {prefix(number) + name: records for name, records in contents.items()}
    return found


def _loose_entry(params: Params, number: int, random: np.random.Generator) -> Entry:
    machine = params.machine
    every = (1 << machine.key_width) - 1
    key = int(random.choice([*range(BLOCK), *range(restart_key(params), every + 1)]))
    outputs = [port for port in range(params.routers[number].ports) if random.random() < 0.5]
    return Entry(key, every, frozenset(map(Port, outputs)))


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


def random_registers(params: Params, random: np.random.Generator) -> Mapping[str, int]:
    """Some links are dead, with turns of all links that are left; tiles have any keys of some tile's block.

    What leads nowhere may be dead too. From what is dead there are any turns, and to it from all inputs to
    which marks come.
    """
    machine = params.machine
    links = list(machine.links)
    fewest = min(sum(node == number for node, _ in links) for number in range(machine.nodes))
    count = int(random.integers(max(1, fewest))) if random.random() < 0.7 else 0  # so none is cut off
    chosen = random.permutation(len(links))[:count]
    broken = replace(machine, dead=frozenset(links[link] for link in chosen))
    own = mesh.registers(replace(params, machine=broken))
    found = {name: register.reset for name, register in own.items()}
    for number, sizes in enumerate(params.routers):
        start = prefix(number)
        nowhere = [link for link in LINKS if (number, link) not in machine.links]
        dead = found[start + "dead"] | sum(1 << link for link in nowhere if random.random() < 0.5)
        found[start + "dead"] = dead
        for source in range(sizes.ports):
            turns = f"{start}turns{source}"
            if dead >> source & 1:
                found[turns] = int(random.integers(1 << sizes.ports))
            elif found[turns]:
                found[turns] |= dead & int(random.integers(1 << len(LINKS)))
    for number, one in params.nodes.items():
        start = prefix(number)
        steps = int(random.integers(1, 1 << one.step_width))
        block = BLOCK * (1 + int(random.choice(params.placed)))
        found |= {
            start + "base": block + int(random.integers(BLOCK - one.tile.neurons + 1)),
            start + "steps": steps,
            start + "step": int(random.integers(steps)),
        }
    return found


def tiles(params: tile.Params, *there: bool) -> tuple[tile.Params | None, ...]:
    """The same tile in some nodes."""
    return tuple(params if one else None for one in there)


def host_events(params: Params, random: np.random.Generator, size: int) -> Records:
    """Inputs, marks, and now and then restarts, faults, and keys that nobody has, from the host."""
    port = mesh.inputs(params)["input"]
    events: list[tuple[int, int]] = []
    others = [*range(BLOCK), *range(restart_key(params), 1 << params.machine.key_width)]
    while len(events) < size:
        if random.random() < 0.2:
            events.append((tile.Kind.RESTART, restart_key(params)))
        if random.random() < 0.3:
            kind = random.choice([tile.Kind.SPIKE, tile.Kind.FAULT])
            events.append((int(kind), int(random.choice(others))))
        count = int(random.integers(0, 2 * BLOCK))
        events += [(tile.Kind.SPIKE, int(key)) for key in random.integers(0, BLOCK, count)]
        events.append((tile.Kind.TICK, 0))
    return port.from_tuples(events)
