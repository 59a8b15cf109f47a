"""Bodies of frames for the benches of the link: lengths at the limits, zeros anywhere, and awkward CRCs."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import numpy as np


def random_body(random: np.random.Generator, length: int) -> bytes:
    """Bytes of which none, some, most or all are 0."""
    body = random.integers(1, 256, length)
    return bytes(np.where(random.random(length) < random.choice([0, 0.02, 0.3, 0.9, 1]), 0, body).tolist())


def random_bodies(random: np.random.Generator, shortest: int, longest: int) -> Iterator[bytes]:
    """Without end: mostly short ones, now and then one of any length, of which some are too long."""
    while True:
        most = longest + 9 if random.random() < 0.02 else 2 * shortest + 9
        yield random_body(random, int(random.integers(1, most + 1)))


def awkward_bodies(random: np.random.Generator, shortest: int, longest: int) -> list[bytes]:
    """Of the lengths at the limits, and with CRCs that have a 0 in each place; one that is a full block."""
    lengths = [shortest - 1, shortest, shortest + 1, longest, longest + 1, longest - 1]
    found = [random_body(random, length) for length in lengths if length]
    found += [_with_zeros_in_crc(random, shortest + place, {place}) for place in range(4)]
    return [*found, _with_zeros_in_crc(random, longest, set())]


def _with_zeros_in_crc(random: np.random.Generator, length: int, places: set[int]) -> bytes:
    """A body without zeros whose CRC has a 0 in these places and no others."""
    while True:
        body = bytes(random.integers(1, 256, length).tolist())
        if {place for place, byte in enumerate(crc32(body).to_bytes(4, "little")) if byte == 0} == places:
            return body
