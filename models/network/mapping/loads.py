"""How many events each channel of a machine carries, counted from the spikes of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints

from .machine import LINKS, Machine, Node, Port
from .mapped import Mapped

Channel = tuple[Node, Port]
"""An output of a router: a link in one direction, the way to a tile, or to the host."""


def channels_of(machine: Machine) -> list[Channel]:
    """All of them, node by node."""
    return [(node, port) for node in range(machine.nodes) for port in machine.ports(node)]


def incidence(mapped: Mapped) -> Ints:
    """Which channels an event of a block takes: 1 or 0, shape (blocks, channels)."""
    channels = channels_of(mapped.machine)
    matrix = np.zeros((len(mapped.blocks), len(channels)), np.int64)
    for row, journey in zip(matrix, mapped.journeys, strict=False):  # RESTART comes last, and is no block
        for number, (node, port) in enumerate(channels):
            row[number] = port in journey.tree.get(node, ())
    return matrix


def block_of_addresses(mapped: Mapped) -> Ints:
    """By address of the program: the block that its key is in."""
    bases = np.array([block.base for block in mapped.blocks])
    order = np.argsort(bases)
    return order[np.searchsorted(bases[order], mapped.keys, side="right") - 1]


@dataclass(frozen=True, eq=False)
class Loads:
    """events: by channel, in all. busiest: the most in any tick. samples, ticks: of the run. sent: by block,
    events in all. Marks come on top: one a step on each channel.
    """

    channels: tuple[Channel, ...]
    events: Ints
    busiest: Ints
    sent: Ints
    samples: int
    ticks: int

    @property
    def hottest(self) -> int:
        """Position of the link that carries most; of equals, the first."""
        links = [index for index, (_, port) in enumerate(self.channels) if port in LINKS]
        return max(links, key=lambda index: int(self.events[index])) if links else 0

    def of(self, channel: Channel) -> int:
        """Events of one channel."""
        return int(self.events[self.channels.index(channel)])


def channel_loads(mapped: Mapped, raster: NDArray[np.bool_]) -> Loads:
    """Loads of a run. raster: all spikes, shape (samples, ticks, addresses). Raises BadInput for another."""
    if raster.ndim != 3 or raster.shape[2] != mapped.program.addresses:
        raise BadInput(
            f"a raster of shape {raster.shape}: (samples, ticks, {mapped.program.addresses}) is needed"
        )
    matrix = incidence(mapped)
    member = np.zeros((mapped.program.addresses, len(mapped.blocks)), np.int64)
    member[np.arange(len(member)), block_of_addresses(mapped)] = 1
    events = np.zeros(matrix.shape[1], np.int64)
    busiest = events.copy()
    sent = np.zeros(len(mapped.blocks), np.int64)
    for sample in raster:
        by_block = sample.astype(np.int64) @ member
        by_channel = by_block @ matrix
        sent += by_block.sum(axis=0)
        events += by_channel.sum(axis=0)
        busiest = np.maximum(busiest, by_channel.max(axis=0, initial=0))
    samples, ticks, _ = raster.shape
    return Loads(tuple(channels_of(mapped.machine)), events, busiest, sent, samples, ticks)
