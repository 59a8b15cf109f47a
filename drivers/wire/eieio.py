"""EIEIO: the events that SpiNNaker exchanges with a host, as the data of UDP or SDP. All little-endian.

    message = count (8 bits), flags (8), prefix (16), payload base, elements
    flags   = prefix there (bit 7), for the upper half (6), payload base there (5), payloads are times (4),
              kind (3, 2), tag (1, 0)
    kind    = 0 key of 16 bits, 1 with a payload of 16, 2 key of 32 bits, 3 with a payload of 32

A prefix is or-ed to each key, shifted to its upper half or not; a payload base to each payload, or it is
the payload, where there is none. Flags 01 in bits 7 and 6 mean that it is a command: not read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import RangeError

PREFIX, UPPER, BASE, TIMES = 0x80, 0x40, 0x20, 0x10
MOST = 255
LONGEST = 256
"""Bytes of a message, at most: what goes with a packet of SDP."""


class Refusal(StrEnum):
    """Why a message is not used."""

    SHORT = "shorter than its header"
    COMMAND = "a command"
    LENGTH = "its length is not that of the elements it announces"


@dataclass(frozen=True)
class Message:
    """Events: keys of 32 bits, with payloads or without; times: the payloads are times."""

    keys: NDArray[np.uint32]
    payloads: NDArray[np.uint32] | None = None
    times: bool = False
    tag: int = 0


def encode(message: Message) -> bytes:
    """Keys and payloads of 32 bits, without prefix or base. Raises RangeError where they do not fit."""
    columns = [message.keys] if message.payloads is None else [message.keys, message.payloads]
    words = np.stack([np.asarray(column) for column in columns], 1) if len(columns) > 1 else columns[0]
    if 2 + 4 * words.size > LONGEST:
        raise RangeError(
            f"{len(message.keys)} events: at most {(LONGEST - 2) // (4 * len(columns))} fit a message"
        )
    if words.size and not 0 <= int(words.min()) <= int(words.max()) < 1 << 32:
        raise RangeError("keys and payloads have 32 bits: 0 … 4294967295")
    if not 0 <= message.tag <= 3:
        raise RangeError(f"tag = {message.tag} does not fit its field: 0 … 3")
    kind = 2 if message.payloads is None else 3
    flags = kind << 2 | message.tag | TIMES * message.times
    return bytes([len(message.keys), flags]) + words.astype("<u4").tobytes()


def decode(data: bytes) -> Message | Refusal:
    """The events of a message of any kind, or why it is none."""
    if len(data) < 2:
        return Refusal.SHORT
    count, flags = data[:2]
    if flags & (PREFIX | UPPER) == UPPER:
        return Refusal.COMMAND
    kind = flags >> 2 & 3
    word = np.dtype("<u4" if kind & 2 else "<u2")
    start = 2 + 2 * bool(flags & PREFIX)
    first = start + word.itemsize * bool(flags & BASE)
    columns = 1 + (kind & 1)
    if len(data) != first + count * columns * word.itemsize:
        return Refusal.SHORT if len(data) < first else Refusal.LENGTH
    table: NDArray[Any] = np.frombuffer(data, word, count * columns, first).reshape(count, columns)
    keys = table[:, 0].astype(np.uint32)
    if flags & PREFIX:
        keys |= np.uint32(int.from_bytes(data[2:4], "little") << 16 * bool(flags & UPPER))
    payloads = table[:, 1].astype(np.uint32) if columns == 2 else None
    if flags & BASE:
        base = np.uint32(int.from_bytes(data[start:first], "little"))
        payloads = (np.zeros(count, np.uint32) if payloads is None else payloads) | base
    return Message(keys, payloads, bool(flags & TIMES), flags & 3)
