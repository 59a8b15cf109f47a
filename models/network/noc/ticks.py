"""How long a tick takes on a mesh: its events and marks through the queues (rules 2 and 3 of `docs/mesh.md`).

Per step, channel by channel: a channel's events leave as its queue lets them; its mark leaves when the marks
of all inputs that may turn to it have come and all events before it have left. A tile takes each event in the
time that its row of synapses needs, sweeps its neurons when the mark of its own step comes, and sends a mark
for each that it receives. The host sends the inputs of a tick and all its marks, and the first mark of the
next tick, without waiting. The tick is over when the host has its last mark.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import Channel
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Node, Port
from spikelock.models.network.mapping.mapped import Mapped

from .queues import Timing, order_of_channels


@dataclass(frozen=True)
class TileTiming:
    """Cycles of a tile: for an event and each synapse of its row; for a mark, and in a sweep for each neuron
    and each spike. Defaults: the promises of `fabric.tile`, whose page has them.
    """

    event: int = 5
    synapse: int = 1
    mark: int = 3
    neuron: int = 1
    spike: int = 1


@dataclass(frozen=True)
class TickTime:
    """marks: the cycle at which the host has each mark of the tick. The last ends it."""

    marks: tuple[int, ...]

    @property
    def cycles(self) -> int:
        """Of the tick."""
        return self.marks[-1]


def tick_time(
    mapped: Mapped, sent: Ints, timing: Timing | None = None, tiles: TileTiming | None = None
) -> TickTime:
    """The time of a tick in which each block sends so many events; all queues are empty at its beginning.

    sent: by block, the inputs first. Raises BadInput for another number of blocks.
    """
    if len(sent) != len(mapped.blocks):
        raise BadInput(
            f"events of {len(sent)} blocks: the network has {len(mapped.blocks)}, the inputs first"
        )
    run = _Tick(mapped, sent.tolist(), timing or Timing(), tiles or TileTiming())
    return TickTime(tuple(run.step(number) for number in range(mapped.steps + 1)))


def leaving_after(arrivals: Ints, services: Ints) -> Ints:
    """When events leave a queue that lets the next one go only after as many cycles as each takes."""
    before = np.concatenate([[0], np.cumsum(services)[:-1]])
    return before + np.maximum.accumulate(arrivals - before)


class _Tick:
    """The queues of a machine in the course of a tick; `step` takes them through one step after the other."""

    def __init__(self, mapped: Mapped, sent: list[int], timing: Timing, tiles: TileTiming) -> None:
        self.mapped, self.sent, self.timing, self.tiles = mapped, sent, timing, tiles
        self.order = order_of_channels(mapped.machine, mapped.turns)
        self.free: dict[Channel, int] = defaultdict(int)
        """When a channel has let its last mark go; and for a door, when it may send again."""
        self.received: dict[Node, int] = {}
        """When a node had the mark of the step before."""
        self.part_of = {one.node: number for number, one in enumerate(mapped.placed, start=1)}
        self.synapses = [self._synapses_by_block(one.node) for one in mapped.placed]

    def _synapses_by_block(self, node: Node) -> Ints:
        """Of a tile, synapses that an event of each block has there, on average."""
        placed = self.mapped.placed[self.part_of[node] - 1]
        length = placed.configuration.memories["rows"]["length"].astype(np.int64)
        counts = [self.mapped.program.inputs, *(len(one.part.neurons) for one in self.mapped.placed)]
        rows = [length[b.base : b.base + n] for b, n in zip(self.mapped.blocks, counts, strict=True)]
        return np.array([round(float(row.mean())) for row in rows], np.int64)

    def step(self, number: int) -> int:
        """One step: when the host has its mark."""
        machine, hop = self.mapped.machine, self.timing.hop
        waiting: dict[Channel, list[tuple[Ints, Ints]]] = defaultdict(list)
        marks: dict[Channel, int] = {}

        def fan_out(node: Node, blocks: Ints, times: Ints) -> None:
            for port in machine.ports(node):
                trees = (self.mapped.journeys[block].tree for block in blocks)
                goes = np.array([port in tree.get(node, ()) for tree in trees], np.bool_)
                if goes.any():
                    waiting[node, port].append((blocks[goes], times[goes]))

        for door, block in (
            ((machine.host, Port.HOST), 0),
            *(((n, Port.LOCAL), b) for n, b in self.part_of.items()),
        ):
            times, mark = self._door(door[0], block, number)
            times = leaving_after(
                np.maximum(times, self.free[door]), np.full(len(times), self.timing.interval)
            )
            last = int(times[-1]) + self.timing.interval if len(times) else 0
            mark = max(mark, last, self.free[door])
            self.free[door] = mark + self.timing.interval
            marks[door] = mark + hop
            fan_out(door[0], np.full(len(times), block), times + hop)

        end = 0
        for channel in self.order:
            node, port = channel
            sources = [s for s, target in self.mapped.turns[node] if target == port and (node, s) in marks]
            if not sources or (port == Port.LOCAL and node not in self.part_of):
                continue
            left, blocks, over = self._pass(channel, waiting.pop(channel, []))
            mark = max(over, self.free[channel], *(marks[node, source] for source in sources))
            self.free[channel] = mark + self.timing.interval
            if port in LINKS:
                there, (far, _) = machine.links[channel], self.timing.of(machine, channel)
                marks[there, OPPOSITE[port]] = mark + far
                fan_out(there, blocks, left + far)
            elif port == Port.LOCAL:
                self.received[node] = mark
            else:
                end = mark
        return end

    def _door(self, node: Node, block: int, number: int) -> tuple[Ints, int]:
        """When a door has its events of a step, and its mark."""
        if block == 0:
            return np.zeros(self.sent[0] if number == 0 else 0, np.int64), 0
        if number == 0:  # the first mark came with reset, or at the end of the tick before
            return np.zeros(0, np.int64), 0
        one, begin = self.mapped.placed[block - 1], self.received[node] + self.tiles.mark
        if one.step != number - 1:
            return np.zeros(0, np.int64), begin
        spikes = self.sent[block]
        end = begin + self.tiles.neuron * len(one.part.neurons) + self.tiles.spike * spikes
        return begin + (np.arange(1, spikes + 1) * (end - begin)) // max(1, spikes), end

    def _pass(self, channel: Channel, parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints, int]:
        """When events leave a channel, their blocks, and when the channel is ready for its mark."""
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), 0
        blocks, times = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(times, kind="stable")
        blocks, times = blocks[order], np.maximum(times[order], self.free[channel])
        if channel[1] == Port.LOCAL:
            synapses = self.synapses[self.part_of[channel[0]] - 1][blocks]
            services = self.tiles.event + self.tiles.synapse * synapses
        else:
            services = np.full(len(blocks), self.timing.of(self.mapped.machine, channel)[1])
        left = leaving_after(times, services)
        return left, blocks, int(left[-1] + services[-1])
