"""Frames to bodies: the specification of `link.frame_decoder`, after section 2 of `docs/link.md`.

Bytes between two zeros are a frame. Its blocks are put together by the rules of COBS (Cheshire and Baker
1999): a code, one more than the length of its block, then the block; and a 0 between two blocks, unless the
code of the first is 0xFF. What they make up is a body and its CRC-32. The body leaves, if nothing is wrong
with the frame; otherwise its reason leaves by `dropped`, the first of these that is true:

    TOO_LONG     more than `longest` bytes and the CRC
    WRONG_CODE   a code points beyond the end of the frame
    TOO_SHORT    fewer than `shortest` bytes and the CRC
    WRONG_CRC    the last four bytes are not the CRC-32 of those before

An empty frame is nothing. What is on the line from reset up to the first 0 counts as a frame, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing

from .frame_encoder import FULL_BLOCK, crc32
from .protocol import (
    CRC_BYTES,
    LONGEST_BODY,
    SHORTEST_BODY,
    Drop,
    byte_stream,
    check_lengths,
    drop_stream,
    packet_stream,
)


@dataclass(frozen=True)
class Params:
    """shortest, longest: bytes of a body. Raises BadInput where there can be no such bodies."""

    shortest: int = SHORTEST_BODY
    longest: int = LONGEST_BODY

    def __post_init__(self) -> None:
        check_lengths(self.shortest, self.longest)


def unstuff(frame: Sequence[int]) -> tuple[list[int], bool]:
    """What the blocks of a frame make up, and whether the last one is whole."""
    data: list[int] = []
    start, code = 0, FULL_BLOCK
    while start < len(frame):
        if code != FULL_BLOCK:
            data.append(0)
        code = frame[start]
        data.extend(frame[start + 1 : start + code])
        start += code
    return data, start == len(frame)


def body(params: Params, frame: Sequence[int]) -> list[int] | Drop:
    """The body of a frame without its delimiter, or what is wrong with it."""
    data, whole = unstuff(frame)
    if len(data) > params.longest + CRC_BYTES:
        return Drop.TOO_LONG
    if not whole:
        return Drop.WRONG_CODE
    if len(data) < params.shortest + CRC_BYTES:
        return Drop.TOO_SHORT
    if int.from_bytes(bytes(data[-CRC_BYTES:]), "little") != crc32(data[:-CRC_BYTES]):
        return Drop.WRONG_CRC
    return data[:-CRC_BYTES]


def reference(
    params: Params, configuration: Configuration, frame: tuple[int, ...], transaction: tuple[int]
) -> tuple[tuple[int, ...], list[tuple[int, int]], list[tuple[int]]]:
    """One byte of the line: with a 0 the body of the frame before it leaves, or what is wrong with it."""
    (byte,) = transaction
    if byte:
        return (*frame, byte), [], []
    if not frame:
        return (), [], []
    found = body(params, frame)
    if isinstance(found, Drop):
        return (), [], [(found,)]
    return (), [*((data, 0) for data in found[:-1]), (found[-1], 1)], []


CORE = Core(
    name="link.frame_decoder",
    params=Params,
    inputs=lambda params: {"input": byte_stream()},
    outputs=lambda params: {"output": packet_stream(), "dropped": drop_stream()},
    initial=lambda params, configuration: (),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
