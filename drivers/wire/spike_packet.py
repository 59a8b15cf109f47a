"""Spike packets: one spike a datagram of 28 bytes, each acknowledged.

    packet          = source (32 bits), target (32), timestamp (64), length (32), sequence (64)    >IIQIq
    acknowledgement = sequence (64)                                                                >q

All big-endian; a sequence is signed on the wire, and never negative. `length` is that of the spike, in the
user's unit, and says nothing about the datagram.
"""

from __future__ import annotations

import struct
import time
from collections import Counter
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput

from .datagrams import Inbox, Outbox
from .sequence import WINDOW, Senders

SPIKES = np.dtype(
    [
        ("source", np.uint32),
        ("target", np.uint32),
        ("timestamp", np.uint64),
        ("length", np.uint32),
        ("sequence", np.int64),
    ]
)
"""Spikes in memory."""

ON_WIRE = SPIKES.newbyteorder(">")
ACKNOWLEDGEMENT = struct.Struct(">q")
SEQUENCE_BITS = 63

Spikes = NDArray[Any]
"""One-dimensional, of dtype SPIKES."""


class Refusal(StrEnum):
    """Why a datagram is not used."""

    LENGTH = "its length is not 28 bytes"
    SEQUENCE = "its sequence is negative"


def encode(spikes: Spikes) -> NDArray[np.uint8]:
    """The bytes of packets, shape (spikes, 28)."""
    return spikes.astype(ON_WIRE).view(np.uint8).reshape(len(spikes), ON_WIRE.itemsize)


def decode(packets: NDArray[np.uint8]) -> Spikes:
    """Inverse of `encode`. Raises BadInput for another shape."""
    if packets.ndim != 2 or packets.shape[1] != ON_WIRE.itemsize:
        raise BadInput(f"packets of shape {packets.shape}: (spikes, {ON_WIRE.itemsize}) is needed")
    return np.ascontiguousarray(packets).reshape(-1).view(ON_WIRE).astype(SPIKES)


def read(datagram: bytes | memoryview) -> Spikes | Refusal:
    """The spike of a datagram, an array of one, or why it is none."""
    if len(datagram) != ON_WIRE.itemsize:
        return Refusal.LENGTH
    spike = np.frombuffer(datagram, ON_WIRE).astype(SPIKES)
    return Refusal.SEQUENCE if spike["sequence"][0] < 0 else spike


class SpikeSender(Outbox):
    """Sends spikes to an address, and sends again what is not acknowledged.

    window: packets under way at most; patience: seconds until what is not acknowledged is sent again;
    attempts: how often in all. repeated: packets that were sent again. foreign: datagrams that acknowledge
    nothing that is under way.
    """

    def __init__(
        self, host: str, port: int, *, window: int = 64, patience: float = 0.05, attempts: int = 10
    ) -> None:
        if not 1 <= window <= WINDOW:
            raise BadInput(f"window = {window}: 1 … {WINDOW} packets may be under way; 64 works")
        super().__init__(host, port)
        self._window, self._patience, self._attempts = window, patience, attempts
        self._number = 0
        self.repeated = 0
        self.foreign = 0

    def send_spikes(self, spikes: Spikes) -> list[int]:
        """Numbers and sends spikes; returns the numbers that nobody acknowledged: empty if all arrived."""
        numbered = spikes.copy()
        numbered["sequence"] = np.arange(self._number, self._number + len(spikes))
        packets = encode(numbered)
        lost: list[int] = []
        for at in range(0, len(spikes), self._window):
            part = packets[at : at + self._window]
            lost += self._deliver({self._number + at + i: row.tobytes() for i, row in enumerate(part)})
        self._number += len(spikes)
        return lost

    def _deliver(self, waiting: dict[int, bytes]) -> list[int]:
        for attempt in range(self._attempts):
            self.repeated += len(waiting) if attempt else 0
            for packet in waiting.values():
                self.send(packet)
            self._gather(waiting)
            if not waiting:
                break
        return list(waiting)

    def _gather(self, waiting: dict[int, bytes]) -> None:
        end = time.monotonic() + self._patience
        while waiting:
            left = end - time.monotonic()
            datagram = self.next(max(0.0, left))
            if datagram is None:
                if left <= 0:  # and this was a last look: the machine may have had no time for an earlier one
                    return
                continue
            whole = len(datagram) == ACKNOWLEDGEMENT.size
            if not whole or waiting.pop(ACKNOWLEDGEMENT.unpack(datagram)[0], None) is None:
                self.foreign += 1


class SpikeReceiver(Inbox):
    """Receives spikes at an address and acknowledges each, also when it comes again.

    order: what the sequences tell. refused: malformed datagrams, by reason.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._senders = Senders(SEQUENCE_BITS)
        self.order = self._senders.order
        self.refused: Counter[Refusal] = Counter()

    def receive(self, timeout: float | None = 1.0) -> Spikes | None:
        """The next spike, an array of one; None where none comes within `timeout` seconds."""
        while (arrived := self.next(timeout)) is not None:
            datagram, sender = arrived
            spike = read(datagram)
            if isinstance(spike, Refusal):
                self.refused[spike] += 1
                continue
            number = int(spike["sequence"][0])
            taken = self._senders.take(sender, number)
            self.answer(ACKNOWLEDGEMENT.pack(number), sender)
            if taken:
                return spike
        return None
