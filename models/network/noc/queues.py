"""A mesh as a network of first-in first-out queues, one for each output of a router and each door.

    queue ─▶ input ─▶ table ─▶ queue, one copy in each that the tree names

A router takes an event from a queue of a neighbour, or of a door, when its input there is free. Its table is
asked for one event at a time, in the order in which they came, and of one cycle in the order of the inputs,
doors last. The input is free again `interval` cycles after that, and the event is in the router's queues
`hop` cycles after. To a tile, or a host, a queue lets one event go in a cycle; over a bridge one in
`bridge_interval`, with a queue of its own at the other end.

The events of a run are taken one after the other in the order of time: a discrete-event simulation.

What is left out: queues are never full, so nothing waits for room in one; and inputs that ask for several
cycles on end take turns in hardware. Far below saturation neither counts; beyond it the model is an upper
bound of what is accepted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import Channel, channels_of
from spikelock.models.network.mapping.machine import OPPOSITE, Machine, Node

from .patterns import Pattern


@dataclass(frozen=True)
class Timing:
    """In cycles. hop: from leaving a queue to being first in the next, where nothing waits; mark_hop: of a
    mark, which no table is asked for. interval: between two events by one input of a router. lookup: between
    two events of one router; 0 where each input has a table of its own. exit: between two events to a tile or
    host. bridge_hop, bridge_interval: of a bridge between dies, in the place of hop and interval.

    Defaults: what `aer.router` needs where nothing stalls.
    """

    hop: int = 3
    mark_hop: int = 2
    interval: int = 2
    lookup: int = 1
    exit: int = 1
    bridge_hop: int = 24
    bridge_interval: int = 4

    def __post_init__(self) -> None:
        for name in ("hop", "mark_hop", "interval", "exit", "bridge_interval"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} = {getattr(self, name)}: 1 cycle or more is needed")
        if self.lookup < 0:
            raise BadInput(f"lookup = {self.lookup}: 0 cycles or more are needed")
        if self.bridge_hop < self.hop:
            raise BadInput(
                f"bridge_hop = {self.bridge_hop}: a bridge needs as long as a hop, {self.hop}, or more"
            )

    def interval_of(self, machine: Machine, channel: Channel) -> int:
        """Of events by a channel."""
        if channel not in machine.links:
            return self.exit
        return self.bridge_interval if machine.is_bridge(*channel) else self.interval

    def flight(self, machine: Machine, channel: Channel) -> int:
        """What a bridge takes longer than a link."""
        bridge = channel in machine.links and machine.is_bridge(*channel)
        return self.bridge_hop - self.hop if bridge else 0


@dataclass(frozen=True, eq=False)
class Injected:
    """Events that are offered: the cycle in which each is there to be sent, and its flow; by rising cycle."""

    cycles: Ints
    flows: Ints


@dataclass(frozen=True, eq=False)
class Delivered:
    """Copies that have arrived: the number of the event as it was injected, and the cycle."""

    events: Ints
    cycles: Ints


@dataclass(eq=False, slots=True)
class _Queue:
    """router, input: what it feeds. far: the queue behind a bridge. An exit has neither."""

    router: Node | None = None
    input: int = 0
    far: _Queue | None = None
    waiting: deque[int] = field(default_factory=deque)
    free: int = 0


def simulate(pattern: Pattern, injected: Injected, timing: Timing | None = None) -> Delivered:
    """Where every copy of every event gets, and when."""
    run = _Run(pattern, injected, timing or Timing())
    while run.agenda:
        run.next()
    return Delivered(np.array(run.arrived, np.int64), np.array(run.arrived_at, np.int64))


class _Run:
    """The queues, and an agenda: when an event comes to a queue, or (None) the first of a queue leaves it."""

    def __init__(self, pattern: Pattern, injected: Injected, timing: Timing) -> None:
        self.timing = timing
        self.table_free = [0] * pattern.machine.nodes
        self.arrived: list[int] = []
        self.arrived_at: list[int] = []
        self.order = count()
        doors = {door: _Queue(*door) for door in pattern.doors}
        outputs = {channel: _output(pattern.machine, channel) for channel in channels_of(pattern.machine)}
        ways = [
            {node: [outputs[node, port] for port in ports] for node, ports in flow.tree.items()}
            for flow in pattern.flows
        ]
        flows = injected.flows.tolist()
        self.ways = [ways[flow] for flow in flows]
        entered = [doors[flow.node, flow.door] for flow in pattern.flows]
        self.agenda: list[tuple[int, int, int, _Queue, int | None]] = [
            (cycle, entered[flow].input, next(self.order), entered[flow], event)
            for event, (cycle, flow) in enumerate(zip(injected.cycles.tolist(), flows, strict=True))
        ]
        heapify(self.agenda)

    def next(self) -> None:
        """What is first on the agenda."""
        now, _, _, queue, event = heappop(self.agenda)
        if event is not None:
            queue.waiting.append(event)
            if len(queue.waiting) > 1:  # when the first leaves is on the agenda
                return
        if queue.free <= now:
            self._leave(queue, queue.waiting.popleft(), now)
        if queue.waiting:
            self._note(max(now, queue.free), queue, None)

    def _leave(self, queue: _Queue, event: int, now: int) -> None:
        timing = self.timing
        if queue.router is not None:
            asked = max(now, self.table_free[queue.router])
            self.table_free[queue.router] = asked + timing.lookup
            queue.free = asked + timing.interval
            for target in self.ways[event][queue.router]:
                self._note(asked + timing.hop, target, event)
        elif queue.far:
            queue.free = now + timing.bridge_interval
            self._note(now + timing.bridge_hop - timing.hop, queue.far, event)
        else:
            queue.free = now + timing.exit
            self.arrived.append(event)
            self.arrived_at.append(now)

    def _note(self, cycle: int, queue: _Queue, event: int | None) -> None:
        heappush(self.agenda, (cycle, queue.input, next(self.order), queue, event))


def _output(machine: Machine, channel: Channel) -> _Queue:
    if channel not in machine.links:
        return _Queue()
    behind = _Queue(machine.links[channel], OPPOSITE[channel[1]])
    return _Queue(far=behind) if machine.is_bridge(*channel) else behind
