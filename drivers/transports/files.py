"""Bytes over a file descriptor that does not block, as both ends of a terminal are."""

from __future__ import annotations

import os
import select

from spikelock.models.errors import LineLost

LONGEST_WRITE = 4096
"""More than a terminal's driver takes at once."""


class FileLine:
    """What a serial port and a pseudo-terminal have in common. A closed one has the descriptor -1."""

    longest_write = LONGEST_WRITE
    datagrams = False

    def __init__(self, name: str, bytes_per_second: float | None) -> None:
        self.name = name
        self.bytes_per_second = bytes_per_second
        self.descriptor = -1
        self._readable = False

    def write(self, data: memoryview) -> int:
        try:
            return os.write(self.descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self.lost(error) from error

    def read_into(self, buffer: memoryview) -> int:
        try:
            count = os.readv(self.descriptor, [buffer])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self.lost(error) from error
        # A terminal that was unplugged can be read, and has nothing; so has one that was flushed in between.
        if count == 0 and self._readable and self._hung_up():
            raise self.lost("it was unplugged or closed at the other end")
        self._readable = False
        return count

    def wait(self, timeout: float, to_write: bool = False) -> None:
        descriptors = (self.descriptor,)
        try:
            writable = descriptors if to_write else ()
            readable, _, _ = select.select(descriptors, writable, (), max(0.0, timeout))
        except (OSError, ValueError) as error:
            raise self.lost(error) from error
        self._readable = bool(readable)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self.descriptor, 0)  # a hang-up is told unasked
        return bool(poll.poll(0))

    def lost(self, why: object) -> LineLost:
        """The error to raise where the line is gone."""
        if self.descriptor < 0:
            why = "it is closed"
        return LineLost(f"{self.name} is lost: {why}; plug it in or start it again, then resume the link")
