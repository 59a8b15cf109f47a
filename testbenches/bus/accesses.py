"""Random accesses to registers on a bus, and what benches observe of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from spikelock.models.bus.register_space import RegisterSpace
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Register
from spikelock.testbenches.waivers import Waiver

Numbers = NDArray[np.int64]

START = 0x9E37_79B9_7F4A_7C15
SEVEN = (
    *(
        (f"register{number}", Register(unsigned(width), (START >> number) % 2**width, "any value"))
        for number, width in enumerate((64, 1, 33, 8, 40, 17))
    ),
    ("signed", Register(signed(64), -(2**63) + 5, "one of the lowest values")),
)
"""Registers of every kind of width, for a bus of 64 bits."""


ALWAYS_READY = Waiver(
    "branch: if (request__ready) begin",
    "the bank is never asked what its registers hold, so it waits for no reply",
    "Spikelock",
    date(2026, 11, 21),
)

ALWAYS_WRITES = Waiver(
    "branch: if (request__payload[0]) begin",
    "the bank is only written through its requests; what its registers hold is read from its level",
    "Spikelock",
    date(2026, 11, 21),
)
OF_THE_BANK = (ALWAYS_READY, ALWAYS_WRITES)


def addresses(
    space: RegisterSpace, numbers: Sequence[int], random: np.random.Generator, size: int
) -> Numbers:
    """Byte addresses: mostly of the registers of these numbers, some of none, at times just above."""
    count, words = len(space.registers), 1 << (space.address_width - space.lane_bits)
    chosen = random.choice(numbers, size)
    if words > count:
        beyond = random.integers(count, words, size)
        beyond = np.where(
            random.random(size) < 0.5, np.minimum(count + random.integers(0, 8, size), words - 1), beyond
        )
        chosen = np.where(random.random(size) < 0.15, beyond, chosen)
    return (chosen << space.lane_bits) | random.integers(0, space.strobes, size)


def words(space: RegisterSpace, random: np.random.Generator, size: int) -> NDArray[np.uint64]:
    """Words of random bytes, some of them all zeros or all ones."""
    data = random.integers(0, 2**space.data_width, size, dtype=np.uint64, endpoint=False)
    full = np.uint64(2**space.data_width - 1)
    return np.where(random.random(size) < 0.1, random.choice(np.array([0, full], np.uint64), size), data)


def strobes(space: RegisterSpace, random: np.random.Generator, size: int) -> Numbers:
    """Every choice of bytes, none and all of them often."""
    every = (1 << space.strobes) - 1
    chosen = random.integers(0, every, size, endpoint=True)
    often = random.random(size)
    return np.where(often < 0.3, every, np.where(often > 0.9, 0, chosen))


def share_of_bytes(space: RegisterSpace, strobe: Numbers) -> Numbers:
    """0, 1, 2: none, some, all of the bytes of a word are chosen."""
    count = sum((strobe >> lane & 1 for lane in range(space.strobes)), np.zeros(len(strobe), np.int64))
    return np.select([count == 0, count == space.strobes], [0, 2], 1)
