"""Transactions as they travel between the components of the environment, and their bits on a stream's
payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyuvm import uvm_sequence_item

from spikelock.models.ports import Layout, Records


class StreamItem(uvm_sequence_item):
    """What a sequence asks a driver to send: the bits of one payload."""

    def __init__(self, bits: int) -> None:
        super().__init__("item")
        self.bits = bits


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a monitor saw pass: the bits of a payload, and when.

    cycle: number of the clock edge at which it passed.
    waited: edges at which it was valid but stalled, just before.
    idle: edges without a transaction on offer, before that.
    """

    bits: int
    cycle: int
    waited: int
    idle: int


def to_bits(layout: Layout, records: Records) -> list[int]:
    """Payload of each record as one integer."""
    return [sum(int(word) << (64 * i) for i, word in enumerate(row)) for row in layout.pack(records)]


def from_bits(layout: Layout, bits: Sequence[int]) -> Records:
    """Inverse of `to_bits`."""
    mask = (1 << 64) - 1
    rows = [[(value >> (64 * i)) & mask for i in range(layout.words)] for value in bits]
    return layout.unpack(np.array(rows, np.uint64).reshape(len(bits), layout.words))
