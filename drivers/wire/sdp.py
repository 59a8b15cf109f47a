"""SpiNNaker's datagrams: SDP, and SCP inside it. All little-endian.

    datagram  = 2 bytes of padding, packet                               as UDP carries it, port 17893
    packet    = flags, tag, to: port and cpu, from: port and cpu, to: y, x, from: y, x, data
    command   = command (16 bits), sequence (16), three arguments (32 each), data
    reply     = result (16), sequence (16), data

A byte of port and cpu is port << 5 | cpu. A host is port 7, cpu 31, of the chip at (0, 0); chip (255, 255) is
the one that has the Ethernet.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

from spikelock.models.errors import RangeError

HEADER = struct.Struct("<8B")
COMMAND = struct.Struct("<HH3I")
REPLY = struct.Struct("<HH")
PADDING = bytes(2)
MOST_DATA = 256
"""Bytes behind the header of a command, at most."""

LONGEST = 300
"""Bytes of a datagram, at most."""

REPLY_EXPECTED, NO_REPLY = 0x87, 0x07
TRANSIENT = 0xFF
"""The tag of what is answered to its sender."""


class Refusal(StrEnum):
    """Why a datagram is not used."""

    SHORT = "shorter than its header"
    LONG = "longer than 300 bytes"
    FLAGS = "its flags are neither 0x87 nor 0x07, with or without 0x20"


@dataclass(frozen=True)
class Core:
    """A place that sends and receives: a port (0 … 7) of a core (0 … 31) of the chip at x, y."""

    x: int = 0
    y: int = 0
    cpu: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        for name, most in (("x", 255), ("y", 255), ("cpu", 31), ("port", 7)):
            if not 0 <= (value := getattr(self, name)) <= most:
                raise RangeError(f"{name} = {value} does not fit its field: 0 … {most}")


HOST = Core(0, 0, 31, 7)
ROOT = Core(255, 255)


@dataclass(frozen=True)
class Packet:
    """A packet of SDP."""

    to: Core
    sender: Core = HOST
    data: bytes = b""
    reply_expected: bool = True
    tag: int = TRANSIENT
    direct: bool = False
    """Not to be routed from chip to chip: flag 0x20."""


def encode(packet: Packet) -> bytes:
    """A packet's bytes, without padding. Raises RangeError where a field does not fit."""
    if not 0 <= packet.tag <= 255:
        raise RangeError(f"tag = {packet.tag} does not fit its field: 0 … 255")
    if len(PADDING) + HEADER.size + len(packet.data) > LONGEST:
        raise RangeError(f"{len(packet.data)} bytes of data: at most {LONGEST - 10} fit a datagram")
    flags = (REPLY_EXPECTED if packet.reply_expected else NO_REPLY) | 0x20 * packet.direct
    to, sender = packet.to, packet.sender
    ports = to.port << 5 | to.cpu, sender.port << 5 | sender.cpu
    return HEADER.pack(flags, packet.tag, *ports, to.y, to.x, sender.y, sender.x) + packet.data


def decode(data: bytes) -> Packet | Refusal:
    """Inverse of `encode`, or why these bytes are no packet."""
    if len(data) < HEADER.size:
        return Refusal.SHORT
    if len(PADDING) + len(data) > LONGEST:
        return Refusal.LONG
    flags, tag, to, sender, to_y, to_x, sender_y, sender_x = HEADER.unpack_from(data)
    if flags & ~0x20 not in (REPLY_EXPECTED, NO_REPLY):
        return Refusal.FLAGS
    return Packet(
        Core(to_x, to_y, to & 31, to >> 5),
        Core(sender_x, sender_y, sender & 31, sender >> 5),
        data[HEADER.size :],
        bool(flags & 0x80),
        tag,
        bool(flags & 0x20),
    )


def encode_command(
    command: int, sequence: int, arguments: tuple[int, int, int] = (0, 0, 0), data: bytes = b""
) -> bytes:
    """The data of a packet that carries a command of SCP. Raises RangeError where a field does not fit."""
    if len(data) > MOST_DATA:
        raise RangeError(f"{len(data)} bytes of data: at most {MOST_DATA} go with a command")
    try:
        return COMMAND.pack(command, sequence, *arguments) + data
    except struct.error as error:
        raise RangeError(f"a command has 16 bits, a sequence 16, an argument 32: {error}") from error


def decode_reply(data: bytes) -> tuple[int, int, bytes] | Refusal:
    """Result code, sequence, and what follows them."""
    if len(data) < REPLY.size:
        return Refusal.SHORT
    result, sequence = REPLY.unpack_from(data)
    return result, sequence, data[REPLY.size :]
