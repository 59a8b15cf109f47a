"""What is loaded has been checked: every key arrives exactly at its destinations, and nowhere twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Ints

from .keys import Block, require_disjoint
from .machine import LINKS, OPPOSITE, Machine, Node, Port
from .mapped import Mapped
from .tables import Table, outputs_of
from .turns import Turns, require_no_circle

MOST_HOPS = 10_000


def arrivals(
    machine: Machine, tables: Mapping[Node, Table], turns: Turns, start: Node, door: Port, key: int
) -> Counter[tuple[Node, Port]]:
    """Where an event leaves the mesh, and how often, by the tables; written apart from what makes them.

    Raises SpikelockError for an event that is unroutable, takes a turn that is not allowed, or never ends.
    """
    found: Counter[tuple[Node, Port]] = Counter()
    waiting = [(start, door)]
    for _ in range(MOST_HOPS):
        if not waiting:
            return found
        node, source = waiting.pop()
        outputs = outputs_of(tables[node], key, source)
        if outputs is None:
            raise SpikelockError(f"key {key:#x} is unroutable at node {node}, from {source.name.lower()}")
        for target in outputs:
            if (source, target) not in turns[node]:
                raise SpikelockError(
                    f"key {key:#x} goes from {source.name.lower()} to {target.name.lower()} at node {node}, "
                    "a turn that is not allowed"
                )
            if target in LINKS:
                waiting.append((machine.links[node, target], OPPOSITE[target]))
            else:
                found[node, target] += 1
    raise SpikelockError(f"key {key:#x} from node {start} goes round for ever")


@dataclass(frozen=True)
class Checked:
    """keys: followed through the tables. compared: pairs of a router and a key that passes it."""

    keys: int
    compared: int


def check(mapped: Mapped) -> Checked:
    """All that has to be so before anything is loaded (rule 5.4 of `docs/mesh.md`).

    Raises BadInput for blocks that overlap, tables too long and turns with a circle, SpikelockError where
    compressed and uncompressed tables differ, or a key does not arrive exactly once where it should.
    """
    require_disjoint([*mapped.blocks, Block(mapped.restart, 1)])
    require_no_circle(mapped.machine, mapped.turns)
    for node, table in mapped.tables.items():
        if len(table) > mapped.machine.entries:
            raise BadInput(
                f"the routing table of node {node} has {len(table)} entries; the routers have "
                f"{mapped.machine.entries}: {len(table)} would do"
            )
    compared = compare_tables(mapped)
    check_tables(mapped, mapped.uncompressed)
    return Checked(check_tables(mapped), compared)


def compare_tables(mapped: Mapped, tables: Mapping[Node, Table] | None = None) -> int:
    """Compares compressed and uncompressed tables for every key that passes a router, all keys at once.

    Returns how many pairs of a router and a key there are. Raises SpikelockError for the first that goes
    elsewhere.
    """
    machine, compared = mapped.machine, 0
    compressed = tables or mapped.tables
    for journey in mapped.journeys:
        block = np.arange(journey.key, journey.key + 1 + (~journey.mask & ((1 << machine.key_width) - 1)))
        for node, source in journey.sources(machine).items():
            wanted = outputs_of_keys(mapped.uncompressed[node], block, source)
            found = outputs_of_keys(compressed[node], block, source)
            if (wanted != found).any():
                at = int(np.argmax(wanted != found))
                raise SpikelockError(
                    f"node {node}: key {block[at]:#x} from {source.name.lower()} goes to "
                    f"{_names(int(found[at]))} by the compressed table, to {_names(int(wanted[at]))} by "
                    "the uncompressed one"
                )
            compared += len(block)
    return compared


def outputs_of_keys(table: Table, keys: Ints, source: Port) -> Ints:
    """Outputs of a router for each key, as bits by port; 0 where it is unroutable. First match wins."""
    straight = 1 << OPPOSITE[source] if source in LINKS else 0
    outputs = np.full(len(keys), straight, np.int64)
    for entry in reversed(table):
        matches = (keys & entry.mask) == entry.key
        outputs[matches] = sum(1 << port for port in entry.outputs)
    return outputs


def _names(outputs: int) -> str:
    return ", ".join(port.name.lower() for port in Port if outputs >> port & 1) or "nowhere"


def check_tables(mapped: Mapped, tables: Mapping[Node, Table] | None = None) -> int:
    """Follows every key of every block through the tables. Returns how many keys there are.

    Raises SpikelockError for the first that does not arrive exactly once at each of its destinations.
    """
    counts = [mapped.program.inputs, *(len(one.part.neurons) for one in mapped.placed), 1]
    for journey, count in zip(mapped.journeys, counts, strict=True):
        wanted = Counter((n, p) for n, ports in journey.tree.items() for p in ports if p not in LINKS)
        for key in range(journey.key, journey.key + count if wanted else journey.key):
            found = arrivals(
                mapped.machine, tables or mapped.tables, mapped.turns, journey.node, journey.door, key
            )
            if found != wanted:
                raise SpikelockError(
                    f"key {key:#x} from node {journey.node} arrives at {dict(found)}; "
                    f"its destinations are {dict(wanted)}"
                )
    return sum(counts)
