"""What registers hold after each of many accesses, without going through them one by one.

The byte of a register holds what the last write with its strobe has left there: so for each byte the accesses
are sorted by register, and a running maximum finds the last write before each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelock.models.bus.register_space import RegisterSpace

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint64]


def held(
    space: RegisterSpace, numbers: Numbers, writes: NDArray[np.bool_], data: Bits, strobes: Numbers
) -> tuple[Bits, NDArray[np.bool_], NDArray[np.bool_]]:
    """(word of the register after each access, is there such a register, was a write refused).

    All arrays have shape (accesses,). The word is 0 where there is no register.
    """
    widths = np.array([register.q.width for _, register in space.registers])
    resets = np.array([r.reset % 2**r.q.width for _, r in space.registers], np.uint64)
    exists = numbers < len(widths)
    at = np.where(exists, numbers, 0)
    refused = writes & exists & ~np.array(space.can_write)[at]
    order = np.argsort(np.where(exists, at, len(widths)), kind="stable")
    before = np.searchsorted(
        np.sort(np.where(exists, at, len(widths))), at[order]
    )  # where its accesses begin
    word = np.zeros(len(numbers), np.uint64)
    for lane in range(space.strobes):
        byte = np.uint64(0xFF << 8 * lane)
        lands = (writes & exists & ~refused & (strobes >> lane & 1 == 1))[order]
        last = np.maximum.accumulate(np.where(lands, np.arange(len(order)), -1)) if len(order) else order
        source = np.where(last >= before, data[order][last], resets[at[order]])
        word[order] |= source & byte
    masks = np.array([2 ** int(width) - 1 for width in widths], np.uint64)
    return np.where(exists, word & masks[at], np.uint64(0)), exists, refused
