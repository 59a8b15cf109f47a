"""Bodies to frames: the specification of `link.frame_encoder`, after section 2 of `docs/link.md`.

    body ──▶ COBS(body, CRC-32 of body, low byte first), 0

The CRC-32 is that of IEEE 802.3, bit by bit: reflected polynomial 0xEDB88320, initial value and final
exclusive or 0xFFFFFFFF. COBS is the consistent overhead byte stuffing of Cheshire and Baker (IEEE/ACM
Transactions on Networking 7, 1999): each block of up to 254 bytes that are not 0 follows a code, which is one
more than its length; a code below 0xFF stands for a 0 behind its block, except at the end.

A body that is too short or too long makes no frame: its length leaves by `dropped`, as `longest` + 1 where it
is greater.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.ports import Port

from .protocol import (
    BYTE,
    CRC_BYTES,
    LONGEST_BODY,
    SHORTEST_BODY,
    byte_stream,
    check_lengths,
    packet_stream,
)

FULL_BLOCK = 0xFF
"""The code of a block of 254 bytes, which stands for no 0."""


@dataclass(frozen=True)
class Params:
    """shortest, longest: bytes of a body. Raises BadInput where there can be no such bodies."""

    shortest: int = SHORTEST_BODY
    longest: int = LONGEST_BODY

    def __post_init__(self) -> None:
        check_lengths(self.shortest, self.longest)


def crc32(data: Sequence[int]) -> int:
    """The CRC-32 of IEEE 802.3, bit by bit."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def stuff(data: Sequence[int]) -> list[int]:
    """COBS: the blocks of `data`, each after its code."""
    stuffed: list[int] = []
    block: list[int] = []

    def finish() -> None:
        stuffed.extend([len(block) + 1, *block])
        block.clear()

    for byte in data:
        if len(block) + 1 == FULL_BLOCK:  # only where something follows it
            finish()
        if byte == 0:
            finish()
        else:
            block.append(byte)
    finish()
    return stuffed


def frame(body: Sequence[int]) -> list[int]:
    """The frame of a body, with its delimiter."""
    return [*stuff([*body, *crc32(body).to_bytes(CRC_BYTES, "little")]), 0]


def reference(
    params: Params, configuration: Configuration, body: tuple[int, ...], transaction: tuple[int, int]
) -> tuple[tuple[int, ...], list[tuple[int]], list[tuple[int]]]:
    """One byte of a body: with the last one the frame leaves, or the body's length where there is none."""
    data, last = transaction
    body = (*body, data)
    if not last:
        return body, [], []
    if not params.shortest <= len(body) <= params.longest:
        return (), [], [(min(len(body), params.longest + 1),)]
    return (), [(byte,) for byte in frame(body)], []


CORE = Core(
    name="link.frame_encoder",
    params=Params,
    inputs=lambda params: {"input": packet_stream()},
    outputs=lambda params: {"output": byte_stream(), "dropped": Port({"length": BYTE})},
    initial=lambda params, configuration: (),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
