"""A mesh as a network of first-in first-out queues, one for each output of a router, of any length.

Turns have no circle, so channels are taken one after the other in an order in which whatever feeds a queue is
done before it: all events of a run pass a queue at once, without a loop over cycles. An event that is in the
queue at cycle a_i, as the i-th, leaves it at

    d_i = max(a_i, d_{i−1} + T)  =  i·T + max over j ≤ i of (a_j − j·T)

and is in the queues of the next router `hop` cycles later, one copy in each that its tree names. T is 1, or
what a bridge needs for an event.

What is left out: queues are never full, so nothing waits for room in front of it. Below saturation this is
what hardware does, but for the order of events that come in the same cycle; at saturation, where it makes
hardware slower, the model is an upper bound.

Source: the recursion is Lindley's, "The theory of queues with a single server", 1952.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import Channel, channels_of
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Machine, Port
from spikelock.models.network.mapping.turns import Turns

from .patterns import Pattern


@dataclass(frozen=True)
class Timing:
    """In cycles. hop: from leaving a queue to being first in the next, where nothing waits. interval: between
    two events on a link. bridge_hop, bridge_interval: the same of a bridge between dies.
    """

    hop: int = 3
    interval: int = 1
    bridge_hop: int = 24
    bridge_interval: int = 4

    def __post_init__(self) -> None:
        for name in ("hop", "interval", "bridge_hop", "bridge_interval"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} = {getattr(self, name)}: 1 cycle or more is needed")

    def of(self, machine: Machine, channel: Channel) -> tuple[int, int]:
        """Hop and interval of a channel."""
        if channel[1] in LINKS and machine.is_bridge(*channel):
            return self.bridge_hop, self.bridge_interval
        return self.hop, self.interval


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


def leaving(arrivals: Ints, interval: int) -> Ints:
    """When events leave a queue that they come to at rising times."""
    slots = interval * np.arange(len(arrivals))
    return slots + np.maximum.accumulate(arrivals - slots)


def order_of_channels(machine: Machine, turns: Turns) -> list[Channel]:
    """All outputs, each after those that feed it. Raises BadInput for turns with a circle."""
    sorter: TopologicalSorter[Channel] = TopologicalSorter(dict.fromkeys(channels_of(machine), ()))
    for (node, port), other in machine.links.items():
        for source, target in turns[other]:
            if source == OPPOSITE[port]:
                sorter.add((other, target), (node, port))
    try:
        return list(sorter.static_order())
    except ValueError as circle:
        raise BadInput("the turns have a circle; those of `allowed_turns` have none") from circle


def simulate(pattern: Pattern, injected: Injected, timing: Timing | None = None) -> Delivered:
    """Where every copy of every event gets, and when."""
    machine, timing = pattern.machine, timing or Timing()
    channels = channels_of(machine)
    column = {channel: number for number, channel in enumerate(channels)}
    waiting: dict[Channel, list[tuple[Ints, Ints]]] = defaultdict(list)

    def fan_out(node: int, events: Ints, times: Ints) -> None:
        for port in machine.ports(node):
            goes = pattern.uses[injected.flows[events], column[node, port]]
            if goes.any():
                waiting[node, port].append((events[goes], times[goes]))

    doors = np.array([pattern.doors.index((flow.node, flow.door)) for flow in pattern.flows])
    door_of = doors[injected.flows]
    for number, (node, _) in enumerate(pattern.doors):
        events = np.flatnonzero(door_of == number)
        if len(events):
            fan_out(node, events, leaving(injected.cycles[events], timing.interval) + timing.hop)

    events_there, cycles_there = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for channel in order_of_channels(machine, pattern.turns):
        if channel not in waiting:
            continue
        events, times = (np.concatenate(parts) for parts in zip(*waiting.pop(channel), strict=True))
        order = np.argsort(times, kind="stable")
        hop, interval = timing.of(machine, channel)
        events, times = events[order], leaving(times[order], interval)
        if channel[1] in (Port.LOCAL, Port.HOST):
            events_there.append(events)
            cycles_there.append(times)
        else:
            fan_out(machine.links[channel], events, times + hop)
    return Delivered(np.concatenate(events_there), np.concatenate(cycles_there))
