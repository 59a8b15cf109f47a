"""Address events over UDP: datagrams of up to 180 events, numbered.

    datagram = header, n events                                            all big-endian
    header   = magic 0xAE01 (16 bits), sequence (16), n (16), 0 (16)       !HHHH
    event    = timestamp (32), id (16), data (16)                          !IHH

An Ethernet frame carries 1,500 bytes. IPv6 takes 40 of them, UDP 8, the header 8; 1,444 are left, which are
180 events of 8 bytes. (Over IPv4, whose header has 20 bytes, 183 would fit.) A larger datagram travels as IP
fragments, and is lost when one of them is.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError

from .datagrams import Inbox, Outbox
from .sequence import Senders

MAGIC = 0xAE01
HEADER = struct.Struct("!HHHH")
SEQUENCE_BITS = 16
MTU = 1_500
MOST_EVENTS = (MTU - 40 - 8 - HEADER.size) // 8
"""Events of a datagram we send; what we receive may have more, as the published sender's has."""

EVENTS = np.dtype([("timestamp", np.uint32), ("id", np.uint16), ("data", np.uint16)])
"""Events in memory. Units of the timestamp, and the meaning of data, are the user's."""

ON_WIRE = EVENTS.newbyteorder(">")

Events = NDArray[Any]
"""One-dimensional, of dtype EVENTS."""


class Refusal(StrEnum):
    """Why a datagram is not used."""

    SHORT = "shorter than a header"
    MAGIC = "does not begin with 0xAE01"
    RESERVED = "its reserved field is not 0"
    LENGTH = "its length is not that of the events it announces"


def events(timestamp: Any, id: Any, data: Any = 0) -> Events:
    """Events from columns, or numbers that all share. Raises RangeError where one does not fit its field."""
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(column)) for column in (timestamp, id, data)))
    made = np.zeros(len(columns[0]), EVENTS)
    for name, column in zip(EVENTS.names or (), columns, strict=True):
        most = np.iinfo(EVENTS[name]).max
        if column.dtype.kind not in "iub":
            raise BadInput(f"{name} has dtype {column.dtype}; integers are needed")
        if column.size and not 0 <= int(column.min()) <= int(column.max()) <= most:
            bad = int(column.min()) if int(column.min()) < 0 else int(column.max())
            raise RangeError(f"{name} = {bad} does not fit its field: 0 … {most}")
        made[name] = column
    return made


def encode(some: Events, first: int) -> list[bytes]:
    """Datagrams with these events in order, numbered from `first` on, modulo 2^16."""
    wire = some.astype(ON_WIRE)
    parts = [wire[at : at + MOST_EVENTS] for at in range(0, len(wire), MOST_EVENTS)]
    return [
        HEADER.pack(MAGIC, number % (1 << SEQUENCE_BITS), len(part), 0) + part.tobytes()
        for number, part in enumerate(parts, first)
    ]


def decode(datagram: bytes | memoryview) -> tuple[int, Events] | Refusal:
    """The number of a datagram and its events, or why it is none."""
    if len(datagram) < HEADER.size:
        return Refusal.SHORT
    magic, number, count, reserved = HEADER.unpack_from(datagram)
    if magic != MAGIC:
        return Refusal.MAGIC
    if reserved:
        return Refusal.RESERVED
    if len(datagram) != HEADER.size + count * EVENTS.itemsize:
        return Refusal.LENGTH
    return number, np.frombuffer(datagram, ON_WIRE, count, HEADER.size).astype(EVENTS)


class AerSender(Outbox):
    """Sends events to an address, in datagrams numbered from `first` on."""

    def __init__(self, host: str, port: int, first: int = 0) -> None:
        super().__init__(host, port)
        self._number = first

    def send_events(self, some: Events) -> int:
        """Sends events in order; returns how many datagrams they took. Nothing is waited for."""
        datagrams = encode(some, self._number)
        for datagram in datagrams:
            self.send(datagram)
        self._number = (self._number + len(datagrams)) % (1 << SEQUENCE_BITS)
        return len(datagrams)


class AerReceiver(Inbox):
    """Receives events at an address, from any number of senders, each with numbers of its own.

    order: what the numbers of the datagrams tell. refused: malformed datagrams, by reason.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._senders = Senders(SEQUENCE_BITS)
        self.order = self._senders.order
        self.refused: Counter[Refusal] = Counter()

    def receive(self, timeout: float | None = 1.0) -> Events | None:
        """The events of the next datagram that can be used; None where none comes for `timeout` seconds."""
        while (arrived := self.next(timeout)) is not None:
            datagram, sender = arrived
            decoded = decode(datagram)
            if isinstance(decoded, Refusal):
                self.refused[decoded] += 1
                continue
            number, some = decoded
            if self._senders.take(sender, number):
                return some
        return None

    def stream(self, silence: float = 1.0) -> Iterator[Events]:
        """The events of datagram after datagram, until none comes for `silence` seconds."""
        while (some := self.receive(silence)) is not None:
            yield some
