"""How long a tick takes on a mesh: its events and marks through the queues (rules 2 and 3 of `docs/mesh.md`).

Per step, channel by channel, as turns have no circle: a channel's events leave as its queue lets them,

    d_i = max(a_i, d_{i−1} + T)  =  i·T + max over j ≤ i of (a_j − j·T);

its mark leaves when the marks of all inputs that may turn to it have come and all events before it have left.
A tile takes each event in the time that its row of synapses needs, sweeps its neurons when the mark of its
own step comes, and sends a mark for each that it receives. The host sends all its events and marks without
waiting, so a tick lasts from the last mark of the one before to its own last mark, where the host has them.

What is left out: that a router's table is asked for one event at a time. Tiles are slower.

Source: the recursion is Lindley's, "The theory of queues with a single server", 1952.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import Channel, channels_of
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Machine, Node, Port
from spikelock.models.network.mapping.mapped import Mapped, Placed
from spikelock.models.network.mapping.turns import Turns

from .queues import Timing


@dataclass(frozen=True)
class TileTiming:
    """Cycles of a tile: for an event and each synapse of its row, or for one whose row is empty; for a mark,
    and in a sweep for each neuron and each spike. door: of the queue behind it.

    Defaults: what `fabric.tile` and `fabric.node` promise.
    """

    event: int = 5
    synapse: int = 1
    empty: int = 4
    mark: int = 3
    neuron: int = 1
    spike: int = 1
    door: int = 2


@dataclass(frozen=True)
class TickTime:
    """marks: the cycle at which the host has each mark of the tick, after that of the tick before. The last
    ends it.
    """

    marks: tuple[int, ...]

    @property
    def cycles(self) -> int:
        """Of the tick."""
        return self.marks[-1]


def tick_time(
    mapped: Mapped, sent: Ints, timing: Timing | None = None, tiles: TileTiming | None = None
) -> TickTime:
    """The time of a tick in which each block sends so many events, one of a row of such ticks.

    sent: by block, the inputs first. Raises BadInput for another number of blocks.
    """
    return tick_times(mapped, np.tile(sent, (3, 1)), timing, tiles)[-1]


def tick_times(
    mapped: Mapped, sent: Ints, timing: Timing | None = None, tiles: TileTiming | None = None
) -> list[TickTime]:
    """The time of each tick of a run. sent: events, shape (ticks, blocks), else as `tick_time`."""
    if sent.ndim != 2 or sent.shape[1] != len(mapped.blocks):
        raise BadInput(
            f"events of {sent.shape[-1]} blocks: the network has {len(mapped.blocks)}, the inputs first"
        )
    run = _Ticks(mapped, sent.tolist(), timing or Timing(), tiles or TileTiming())
    marks = [run.step(number) for number in range(mapped.steps * len(sent) + 1)]
    ends = marks[:: mapped.steps]
    return [
        TickTime(tuple(mark - begin for mark in marks[1 + n * mapped.steps :][: mapped.steps]))
        for n, begin in enumerate(ends[:-1])
    ]


def leaving(arrivals: Ints, services: Ints) -> Ints:
    """When events leave a queue that lets the next one go only after as many cycles as each takes."""
    before = np.concatenate([[0], np.cumsum(services)[:-1]])
    return before + np.maximum.accumulate(arrivals - before)


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


class _Ticks:
    """The queues of a machine in the course of ticks, step by step. sent: by tick and block."""

    def __init__(self, mapped: Mapped, sent: list[list[int]], timing: Timing, tiles: TileTiming) -> None:
        self.mapped, self.timing, self.tiles = mapped, timing, tiles
        self.sent = [*sent, [0] * len(mapped.blocks)]  # what comes after the last tick is begun, and not done
        self.order = order_of_channels(mapped.machine, mapped.turns)
        self.part_of = {one.node: number for number, one in enumerate(mapped.placed, start=1)}
        self.services = {one.node: self._services_by_block(one) for one in mapped.placed}
        self.free: dict[Channel, int] = defaultdict(int)
        """When a channel may let the next go."""
        self.door_free: dict[Channel, int] = defaultdict(int)
        """When a door may."""
        self.sending: dict[Node, tuple[Ints, int]] = {
            node: (np.zeros(0, np.int64), 0) for node in self.part_of
        }
        """When a tile has its spikes of the next step, and its mark. The first marks come with reset."""

    def _services_by_block(self, placed: Placed) -> Ints:
        """How long an event of each block keeps a tile busy, on average."""
        length = placed.configuration.memories["rows"]["length"].astype(np.int64)
        busy = np.where(length > 0, self.tiles.event + self.tiles.synapse * length, self.tiles.empty)
        counts = [self.mapped.program.inputs, *(len(one.part.neurons) for one in self.mapped.placed)]
        rows = [busy[b.base : b.base + n] for b, n in zip(self.mapped.blocks, counts, strict=True)]
        return np.array([round(float(row.mean())) for row in rows], np.int64)

    def step(self, number: int) -> int:
        """One step: when the host has its mark."""
        machine, timing = self.mapped.machine, self.timing
        waiting: dict[Channel, list[tuple[Ints, Ints]]] = defaultdict(list)
        marks: dict[Channel, int] = {}

        def fan_out(node: Node, blocks: Ints, times: Ints) -> None:
            for port in machine.ports(node):
                trees = (self.mapped.journeys[block].tree for block in blocks)
                goes = np.array([port in tree.get(node, ()) for tree in trees], np.bool_)
                if goes.any():
                    waiting[node, port].append((blocks[goes], times[goes]))

        for door, (times, mark) in self._offered(number).items():
            times = np.maximum(times, self.door_free[door])
            left, over = self._pass(times, np.full(len(times), timing.interval))
            mark = max(mark, over, self.door_free[door])
            self.door_free[door] = mark + 1
            marks[door] = mark + timing.mark_hop
            block = 0 if door[1] == Port.HOST else self.part_of[door[0]]
            fan_out(door[0], np.full(len(times), block), left + timing.hop)

        end = 0
        for channel in self.order:
            node, port = channel
            sources = [s for s, target in self.mapped.turns[node] if target == port and (node, s) in marks]
            if not sources or (port == Port.LOCAL and node not in self.part_of):
                continue
            blocks, times = _by_time(waiting.pop(channel, []))
            left, over = self._pass(np.maximum(times, self.free[channel]), self._services(channel, blocks))
            mark = max(over, self.free[channel], *(marks[node, source] for source in sources))
            self.free[channel] = mark + 1
            if port in LINKS:
                there, flight = machine.links[channel], timing.flight(machine, channel)
                marks[there, OPPOSITE[port]] = mark + flight + timing.mark_hop
                fan_out(there, blocks, left + flight + timing.hop)
            elif port == Port.LOCAL:
                self._receive(node, number, mark)
            else:
                end = mark
        return end

    def _offered(self, number: int) -> dict[Channel, tuple[Ints, int]]:
        """By door, when the events of a step are there to be sent, and its mark. The host has all at once."""
        tick, step = divmod(number, self.mapped.steps)
        inputs = np.zeros(self.sent[tick][0] if step == 0 else 0, np.int64)
        tiles = {(node, Port.LOCAL): self.sending[node] for node in self.part_of}
        return {(self.mapped.machine.host, Port.HOST): (inputs, 0), **tiles}

    def _services(self, channel: Channel, blocks: Ints) -> Ints:
        """How long the events of each block keep a channel busy."""
        if channel[1] == Port.LOCAL:
            return self.services[channel[0]][blocks]
        return np.full(len(blocks), self.timing.interval_of(self.mapped.machine, channel))

    def _receive(self, node: Node, number: int, mark: int) -> None:
        """A tile has the mark of a step: it sweeps, or not, and sends what it has to."""
        block, tiles = self.part_of[node], self.tiles
        tick, step = divmod(number, self.mapped.steps)
        one = self.mapped.placed[block - 1]
        begin, spikes, end = mark, 0, mark
        if one.step == step:
            begin = mark + tiles.mark
            spikes = self.sent[tick][block]
            end = begin + tiles.neuron * len(one.part.neurons) + tiles.spike * spikes
        times = begin + (np.arange(1, spikes + 1) * (end - begin)) // (spikes + 1)
        self.sending[node] = times + tiles.door, end + tiles.door
        self.free[node, Port.LOCAL] = end + 1

    @staticmethod
    def _pass(times: Ints, services: Ints) -> tuple[Ints, int]:
        """When events leave a queue, and when it is ready for their mark."""
        if not len(times):
            return times, 0
        left = leaving(times, services)
        return left, int(left[-1] + services[-1])


def _by_time(parts: Iterable[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Blocks and times of events of several sources, in the order of time."""
    nothing = np.zeros(0, np.int64)
    blocks, times = (np.concatenate(column) for column in zip((nothing, nothing), *parts, strict=True))
    order = np.argsort(times, kind="stable")
    return blocks[order], times[order]
