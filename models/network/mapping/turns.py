"""Which input of a router may go to which output, so that channels never wait for each other in a circle.

A *channel* is an output of a router: a link in one direction, the way to a tile, the way to the host. An
allowed turn makes the channel behind it wait for the channel before it. The graph of all such waits must have
no cycle (Dally and Seitz 1987); a tile's door ends a wait, since what a tile sends in a step does not depend
on what it receives in it. The host may wait for the mark of a step before it sends its next one, so nothing
that it sends may come back to it: there it is part of the graph.

Meshes go in dimension order: along the row first, then along the column. In a torus nothing goes straight
through one column and one row, which opens every ring: those that are farthest from the host's. With dead
links, or dies that are not there, every way goes up first and then down (up*/down*, Schroeder et al.,
"Autonet", 1991): up is nearer to the host, and among equals to a lower number. So all living links can be
used, and none after another in a circle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from spikelock.models.errors import BadInput, MissingTool

from .machine import LINKS, OPPOSITE, Machine, Node, Place, Port

Turns = Mapping[Node, frozenset[tuple[Port, Port]]]
"""By node: allowed pairs of an input and an output."""

ROW = (Port.EAST, Port.WEST)


def allowed_turns(machine: Machine) -> Turns:
    """The turns that a machine allows. Raises BadInput where it is in two pieces."""
    level = _levels(machine) if machine.dead or machine.present else {}
    return {
        node: frozenset(
            (source, target)
            for source in machine.ports(node)
            for target in machine.ports(node)
            if _may_turn(machine, level, node, source, target)
        )
        for node in range(machine.nodes)
    }


def _may_turn(machine: Machine, level: Mapping[Node, int], node: Node, source: Port, target: Port) -> bool:
    if source not in LINKS:
        return not (source == target == Port.HOST)
    if target not in LINKS:
        return True
    if source == target:
        return False
    if level:
        here, before, after = (
            (level[n], n) for n in (node, machine.links[node, source], machine.links[node, target])
        )
        return before > here or after > here
    if source not in ROW and target in ROW:
        return False
    if machine.torus and target == OPPOSITE[source]:
        axis = 0 if source in ROW else 1
        return machine.place(node)[axis] != _opened(machine)[axis]
    return True


def _opened(machine: Machine) -> Place:
    """The column and the row where the rings of a torus are opened."""
    x, y = machine.place(machine.host)
    return (x + machine.width // 2) % machine.width, (y + machine.height // 2) % machine.height


def _levels(machine: Machine) -> dict[Node, int]:
    """Hops from the host."""
    level, waiting = {machine.host: 0}, deque([machine.host])
    while waiting:
        node = waiting.popleft()
        for port in LINKS:
            other = machine.links.get((node, port))
            if other is not None and other not in level:
                level[other] = level[node] + 1
                waiting.append(other)
    if lost := sorted(set(range(machine.nodes)) - level.keys()):
        why = "dead links cut" if machine.dead else "places of the dies cut"
        raise BadInput(
            f"the {why} off the nodes {', '.join(map(str, lost))}: nothing reaches them; "
            "one living link to each of them would do"
        )
    return level


def cycle_of(machine: Machine, turns: Turns) -> list[tuple[Node, Port]]:
    """Channels that wait for each other in a circle under some turns; none where there is no circle. What the
    host sends waits for what it receives.

    Raises MissingTool where networkx is not installed.
    """
    try:
        import networkx
    except ImportError:
        raise MissingTool("networkx is not installed: pip install 'spikelock[mapping]'") from None
    graph: networkx.DiGraph[tuple[Node, Port]] = networkx.DiGraph()
    for (node, port), other in machine.links.items():
        for source, target in turns[other]:
            if source == OPPOSITE[port]:
                graph.add_edge((node, port), (other, target))
    for source, target in turns[machine.host]:
        if source == Port.HOST:
            graph.add_edge((machine.host, Port.HOST), (machine.host, target))
    try:
        return [edge[0] for edge in networkx.find_cycle(graph)]
    except networkx.NetworkXNoCycle:
        return []


def require_no_circle(machine: Machine, turns: Turns) -> None:
    """Raises BadInput for turns with a circle, with the channels that are in it."""
    if circle := cycle_of(machine, turns):
        names = ", ".join(f"{port.name.lower()} of node {node}" for node, port in circle)
        raise BadInput(
            f"these channels would wait for each other in a circle: {names}; the turns of "
            "`allowed_turns` have none"
        )
