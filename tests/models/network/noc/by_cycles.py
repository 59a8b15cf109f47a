"""The machine of `noc.queues` once more, as a loop over cycles that follows the routing tables."""

from __future__ import annotations

from collections import deque

import numpy as np

from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Port
from spikelock.models.network.mapping.tables import outputs_of
from spikelock.models.network.noc.patterns import Pattern
from spikelock.models.network.noc.queues import Injected, Timing

NEVER = 1 << 60


def cycle_by_cycle(
    pattern: Pattern, injected: Injected, timing: Timing | None = None
) -> list[tuple[int, int]]:
    """(event, cycle) of each arrival. An input holds an event until the table was asked for it."""
    machine, tables, timing = pattern.machine, pattern.tables(), timing or Timing()
    queues = {(n, p): deque[int]() for n in range(machine.nodes) for p in machine.ports(n)}
    bridges = [link for link in machine.links if machine.is_bridge(*link)]
    before = {door: deque[int]() for door in pattern.doors}  # by input: where its events wait
    for (node, port), other in machine.links.items():
        before[other, OPPOSITE[port]] = deque() if (node, port) in bridges else queues[node, port]
    before = dict(sorted(before.items(), key=lambda one: one[0][1]))  # doors come last
    free = dict.fromkeys(before, 0)
    left = dict.fromkeys(queues, -NEVER)
    asking = {node: deque[tuple[Port, int]]() for node in range(machine.nodes)}
    table_free = dict.fromkeys(asking, 0)
    coming: dict[int, list[tuple[deque[int], int]]] = {}
    arrived: list[tuple[int, int]] = []
    for cycle in range(int(injected.cycles[-1]) + 2000):
        for event in np.flatnonzero(injected.cycles == cycle).tolist():
            flow = pattern.flows[injected.flows[event]]
            before[flow.node, flow.door].append(event)
        for queue, event in coming.pop(cycle, []):
            queue.append(event)
        for (node, source), queue in before.items():
            if queue and free[node, source] <= cycle:
                free[node, source] = NEVER
                asking[node].append((source, queue.popleft()))
        for node, events in asking.items():
            while events and table_free[node] <= cycle:
                source, event = events.popleft()
                table_free[node], free[node, source] = cycle + timing.lookup, cycle + timing.interval
                key = pattern.flows[injected.flows[event]].key
                for port in outputs_of(tables[node], key, source) or ():
                    coming.setdefault(cycle + timing.hop, []).append((queues[node, port], event))
        for (node, port), queue in queues.items():
            if port not in LINKS and queue and cycle - left[node, port] >= timing.exit:
                left[node, port] = cycle
                arrived.append((queue.popleft(), cycle))
        for node, port in bridges:
            if queues[node, port] and cycle - left[node, port] >= timing.bridge_interval:
                left[node, port] = cycle
                there = before[machine.links[node, port], OPPOSITE[port]]
                over = coming.setdefault(cycle + timing.bridge_hop - timing.hop, [])
                over.append((there, queues[node, port].popleft()))
    return arrived
