"""Random channels of events, for the benches of the cores that carry them."""

from __future__ import annotations

import numpy as np

from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches.random_records import random_records


def random_channel(
    event: Format, size: int, random: np.random.Generator, ticks: float = 0.15, others: float = 0.2
) -> Records:
    """Events of all kinds, in steps of very different lengths. ticks, others: how likely marks are, and what
    is neither spike nor mark. Marks carry nothing but their kind."""
    events = random_records(event.port(), size, random)
    often = np.repeat(random.choice([0, ticks, 3 * ticks], size // 20 + 1), 20)[:size]
    draw = random.random(size)
    kinds = np.where(draw < often, Kind.TICK, Kind.SPIKE)
    rare = random.random(size) < others
    events["kind"] = np.where(rare & (kinds == Kind.SPIKE), random.choice([2, 3], size), kinds)
    for name in set(events.dtype.names or ()) - {"kind", "tick"}:
        events[name][events["kind"] == Kind.TICK] = 0
    return events


def from_input(events: Records, number: int, inputs: int) -> Records:
    """The events with the number of an input in the low bits of their payloads; marks stay as they are.

    The address is added to it, as bits that never change say little.
    """
    bits = (inputs - 1).bit_length()
    numbered = events["payload"] >> bits << bits | (number + events["address"]) % (1 << bits)
    events["payload"] = np.where(events["kind"] == Kind.TICK, events["payload"], numbered)
    return events
