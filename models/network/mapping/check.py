"""What is loaded has been checked: every key arrives exactly at its destinations, and nowhere twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from spikelock.models.errors import SpikelockError

from .machine import LINKS, OPPOSITE, Machine, Node, Port
from .mapped import Mapped
from .tables import Table, outputs_of
from .turns import Turns

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


def check_tables(mapped: Mapped, tables: Mapping[Node, Table] | None = None) -> int:
    """Follows every key of every block through the tables. Returns how many keys there are.

    Raises SpikelockError for the first that does not arrive exactly once at each of its destinations.
    """
    machine = mapped.machine
    blocks = [
        (machine.host, Port.HOST, mapped.inputs, len(mapped.program.populations) and mapped.program.inputs)
    ]
    blocks += [(one.node, Port.LOCAL, one.block, len(one.part.neurons)) for one in mapped.placed]
    keys = 0
    for tree, (node, door, block, count) in zip(mapped.trees, blocks, strict=False):
        wanted = Counter((n, p) for n, ports in tree.items() for p in ports if p not in LINKS)
        for key in range(block.base, block.base + count):
            _check_key(mapped, tables or mapped.tables, node, door, key, wanted)
            keys += 1
    everywhere = Counter((one.node, Port.LOCAL) for one in mapped.placed)
    _check_key(mapped, tables or mapped.tables, machine.host, Port.HOST, mapped.restart, everywhere)
    return keys + 1


def _check_key(
    mapped: Mapped,
    tables: Mapping[Node, Table],
    node: Node,
    door: Port,
    key: int,
    wanted: Counter[tuple[Node, Port]],
) -> None:
    if not wanted:
        return
    found = arrivals(mapped.machine, tables, mapped.turns, node, door, key)
    if found != wanted:
        raise SpikelockError(
            f"key {key:#x} from node {node} arrives at {dict(found)}; its destinations are {dict(wanted)}"
        )
