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

    Short ways under the turns, found breadth first; each router is entered on one way only, so an event
    reaches every destination exactly once. Raises BadInput where the turns lead to a destination on no way.
    """
    freest = _freest_entries(machine, turns, source, entered_by)
    entry: dict[Node, Port] = {source: entered_by}
    before: dict[Node, tuple[Node, Port]] = {}
    waiting = deque([source])
    while waiting:
        node = waiting.popleft()
        for port, other in _next(machine, turns, node, entry[node]):
            if other not in entry and OPPOSITE[port] in freest[other]:
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


def _next(machine: Machine, turns: Turns, node: Node, entered_by: Port) -> list[tuple[Port, Node]]:
    """Links that an event may take from a node, and where they lead."""
    ports = (port for port in LINKS if (entered_by, port) in turns[node])
    return [(port, machine.links[node, port]) for port in ports]


def _freest_entries(machine: Machine, turns: Turns, source: Node, entered_by: Port) -> dict[Node, set[Port]]:
    """By node that can be reached: the ports to enter it by, without those that leave fewer ways on.

    A shorter way may enter a router by a port from which the turns do not lead on to where a longer way does.
    """
    reached: dict[Node, set[Port]] = {source: {entered_by}}
    waiting = deque([(source, entered_by)])
    while waiting:
        node, entry = waiting.popleft()
        for port, other in _next(machine, turns, node, entry):
            if OPPOSITE[port] not in reached.setdefault(other, set()):
                reached[other].add(OPPOSITE[port])
                waiting.append((other, OPPOSITE[port]))
    freest = {}
    for node, entries in reached.items():
        onward = {entry: {entry, *(t for s, t in turns[node] if s == entry)} for entry in entries}
        freest[node] = {entry for entry in entries if not any(onward[entry] < onward[o] for o in entries)}
    return freest
