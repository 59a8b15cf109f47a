"""A line within one process: two ends, and a ring of bytes each way."""

from __future__ import annotations

import time
from collections.abc import Callable

from spikelock.models.errors import LineLost

LONGEST_WRITE = 4096
CAPACITY = 1 << 16
LONGEST_SLEEP = 0.001


class Ring:
    """A queue of bytes in one preallocated buffer."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._buffer = memoryview(bytearray(capacity))
        self._start = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, data: memoryview) -> int:
        """Takes as many bytes as there is room for; returns how many."""
        capacity = len(self._buffer)
        end = (self._start + self._count) % capacity
        count = min(len(data), capacity - self._count)
        first = min(count, capacity - end)
        self._buffer[end : end + first] = data[:first]
        self._buffer[: count - first] = data[first:count]
        self._count += count
        return count

    def get(self, buffer: memoryview) -> int:
        """Moves bytes to the front of the buffer; returns how many."""
        capacity = len(self._buffer)
        count = min(len(buffer), self._count)
        first = min(count, capacity - self._start)
        buffer[:first] = self._buffer[self._start : self._start + first]
        buffer[first:count] = self._buffer[: count - first]
        self._start = (self._start + count) % capacity
        self._count -= count
        return count

    def clear(self) -> None:
        """Forgets all."""
        self._count = 0


class InProcess:
    """One end of a pair. `idle` is what to do while this end waits: to run whatever is behind the other end.

    An end that is `unplugged`, or was closed, is a lost line there, until it is plugged in and reopened.
    """

    longest_write = LONGEST_WRITE
    datagrams = False

    def __init__(
        self, name: str, incoming: Ring, outgoing: Ring, bytes_per_second: float | None = None
    ) -> None:
        self.name = name
        self.bytes_per_second = bytes_per_second
        self.incoming = incoming
        self.outgoing = outgoing
        self.idle: Callable[[float], None] | None = None
        self.unplugged = False

    def write(self, data: memoryview) -> int:
        self._check()
        return self.outgoing.put(data)

    def read_into(self, buffer: memoryview) -> int:
        self._check()
        return self.incoming.get(buffer)

    def wait(self, timeout: float, to_write: bool = False) -> None:
        self._check()
        if not self.incoming:
            if self.idle is not None:
                self.idle(timeout)
            else:
                time.sleep(min(max(0.0, timeout), LONGEST_SLEEP))

    def reopen(self) -> None:
        if self.unplugged:
            raise LineLost(f"{self.name} is unplugged; plug it in")
        self.incoming.clear()
        self.outgoing.clear()

    def close(self) -> None:
        self.unplugged = True

    def _check(self) -> None:
        if self.unplugged:
            raise LineLost(f"{self.name} is lost: it was unplugged; plug it in, then resume the link")


def pair(
    name: str = "virtual:", capacity: int = CAPACITY, bytes_per_second: float | None = None
) -> tuple[InProcess, InProcess]:
    """Two ends of one line that holds `capacity` bytes each way."""
    there, back = Ring(capacity), Ring(capacity)
    return (
        InProcess(name, back, there, bytes_per_second),
        InProcess(f"{name} far end", there, back, bytes_per_second),
    )
