"""Sequences: where the items of a driver come from. Recorded ones replay exactly what another level was
given.
"""

from __future__ import annotations

import numpy as np
from pyuvm import uvm_sequence

from spikelock.models.ports import Layout, Records, to_bits
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.uvm.transactions import StreamItem


class RecordedSequence(uvm_sequence):
    """Sends records in order: the same arrays that the other levels take."""

    def __init__(self, layout: Layout, records: Records) -> None:
        super().__init__("recorded")
        self.bits = to_bits(layout, records)

    async def body(self) -> None:
        for bits in self.bits:
            item = StreamItem(bits)
            await self.start_item(item)
            await self.finish_item(item)


class RandomSequence(RecordedSequence):
    """Sends `count` records whose fields are uniform over their formats."""

    def __init__(self, layout: Layout, count: int, seed: int) -> None:
        super().__init__(layout, random_records(layout, count, np.random.default_rng(seed)))
