"""Multicast trees: from one node to many, along allowed turns, each router entered once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from spikelock.models.errors import BadInput

from .machine import LINKS, OPPOSITE, Machine, Node, Port
from .turns import Turns

Tree = Mapping[Node, frozenset[Port]]
"""By router that an event passes: the outputs that it takes there."""


def multicast_tree(
    machine: Machine,
    turns: Turns,
    source: Node,
    destinations: Iterable[tuple[Node, Port]],
    entered_by: Port = Port.LOCAL,
) -> Tree:
    """The tree that carries an event from a port of `source` to some ports that leave the mesh.

    Shortest ways under the turns, found breadth first; each router is entered on one way only, so an event
    reaches every destination exactly once. Raises BadInput where the turns lead to a destination on no way.
    """
    entry: dict[Node, Port] = {source: entered_by}
    before: dict[Node, tuple[Node, Port]] = {}
    waiting = deque([source])
    while waiting:
        node = waiting.popleft()
        for port in LINKS:
            other = machine.links.get((node, port))
            if other is not None and other not in entry and (entry[node], port) in turns[node]:
                entry[other] = OPPOSITE[port]
                before[other] = (node, port)
                waiting.append(other)
    outputs: dict[Node, set[Port]] = {}
    for node, port in destinations:
        if node not in entry or (entry[node], port) not in turns[node]:
            raise BadInput(f"no way leads from node {source} to node {node} under the allowed turns")
        outputs.setdefault(node, set()).add(port)
        while node in before and before[node][1] not in outputs.get(before[node][0], set()):
            node, port = before[node]
            outputs.setdefault(node, set()).add(port)
    return {node: frozenset(ports) for node, ports in outputs.items()}
