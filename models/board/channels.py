"""The words that channels carry (rules 4 and 5 of `docs/link.md`), as bytes and back.

A word is whole bytes, lowest first; a record is padded with zero bits above its own.
"""

from __future__ import annotations

import struct

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.link.protocol import LONGEST_PACKET
from spikelock.models.ports import Layout, Records

CREDIT = struct.Struct("<BH")
"""channel, more."""

REGISTER_REQUEST = struct.Struct("<BHI")
"""write (0 or 1), address, data."""

REGISTER_REPLY = struct.Struct("<BI")
"""status, data."""

DONE, NO_SUCH_ADDRESS, NOT_WRITABLE = 0, 1, 2
"""What the status of a reply says."""

READ, WRITE = 0, 1
"""Operations of a memory request."""

MEMORY_REQUEST_BYTES = 7
"""operation, memory, first (3), count (2)."""

MEMORY_ANSWER_BYTES = 4
"""memory, first (3): before the records of an answer."""

CAPABILITY = 255
"""Number of the memory that holds the capability record."""


def record_bytes(layout: Layout) -> int:
    """Bytes of one record."""
    return -(-layout.width // 8)


def memory_request(operation: int, memory: int, first: int, count: int) -> bytes:
    """How a packet of the channel MEMORIES begins, behind the channel."""
    return struct.pack("<BB", operation, memory) + first.to_bytes(3, "little") + count.to_bytes(2, "little")


def to_bytes(layout: Layout, records: Records) -> bytes:
    """Records as words."""
    if layout.width == 0:
        return b""
    words = np.ascontiguousarray(layout.pack(records)).astype("<u8").view(np.uint8)
    return np.ascontiguousarray(words[:, : record_bytes(layout)]).tobytes()


def from_bytes(layout: Layout, data: bytes | bytearray | memoryview) -> Records:
    """Inverse of `to_bytes`. Raises BadInput where a word is cut short."""
    size = record_bytes(layout)
    if len(data) % size:
        raise BadInput(f"{len(data)} bytes are no whole number of words of {size} bytes")
    words = np.zeros((len(data) // size, 8 * layout.words), np.uint8)
    words[:, :size] = np.frombuffer(data, np.uint8).reshape(-1, size)
    return layout.unpack(words.view("<u8"))


def records_of_packet(layout: Layout, header: int = 0) -> int:
    """Whole records that fit a packet behind its channel and so many bytes more."""
    return (LONGEST_PACKET - 1 - header) // record_bytes(layout)
