"""The link's declarations: kinds of frames, channels, lengths. What they mean is told in `docs/link.md`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.ports import Port

VERSION = 1
"""Of the rules."""

LONGEST_PACKET = 247
"""Bytes of a packet, at most: with kind, session, number and CRC-32 they are 254, to which COBS adds one."""

BYTE = Q(8, signed=False)
BIT = Q(1, signed=False)

BYTES: Mapping[str, Q] = {"data": BYTE}
"""Fields of a stream of bytes, as a line carries them."""

PACKETS: Mapping[str, Q] = {"data": BYTE, "last": BIT}
"""Fields of a stream of packets: their bytes, and which is a packet's last. A packet has at least one."""


class Kind(IntEnum):
    """First byte of a frame's body."""

    DATA = 0
    ACKNOWLEDGE = 1
    REPEAT = 2
    OPEN = 3
    OPENED = 4


class Channel(IntEnum):
    """First byte of a packet."""

    CREDIT = 0
    REGISTERS = 1
    MEMORIES = 2
    EVENTS = 3
    PROBES = 4
    EXPECTED = 5
    ECHO = 15


CREDITS_TO_BOARD = (Channel.EVENTS, Channel.EXPECTED)
CREDITS_TO_HOST = (Channel.EVENTS, Channel.PROBES)
"""Channels on which a word is sent only when the receiver has granted it (rule 4.2); no others."""


def byte_stream() -> Port:
    """A stream of bytes."""
    return Port(BYTES)


def packet_stream() -> Port:
    """A stream of packets."""
    return Port(PACKETS)


SHORTEST_BODY = 3
"""Bytes of a frame's body, at least: kind, session, number."""

LONGEST_BODY = SHORTEST_BODY + LONGEST_PACKET
"""Bytes of a frame's body, at most."""

CRC_BYTES = 4
"""Bytes of the CRC-32 that follows a body."""


class Drop(IntEnum):
    """Why a body or a frame was dropped; the first of these that is true."""

    TOO_LONG = 0
    WRONG_CODE = 1
    TOO_SHORT = 2
    WRONG_CRC = 3


def drop_stream() -> Port:
    """A stream with one transaction for each body or frame that was dropped."""
    return Port({"reason": Q(2, signed=False)})


def check_lengths(shortest: int, longest: int) -> None:
    """Raises BadInput where a body cannot have such lengths."""
    if not 1 <= shortest <= longest <= LONGEST_BODY:
        raise BadInput(
            f"bodies of {shortest} … {longest} bytes: 1 … {LONGEST_BODY} is possible, "
            f"and {SHORTEST_BODY} … {LONGEST_BODY} are the link's"
        )
