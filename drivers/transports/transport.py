"""The seam between what is said and what it is said over."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """A line that carries bytes both ways, some of them wrong (rule 1 of `docs/link.md`).

    Nothing here waits but `wait`. All but `close` raise LineLost once the line is gone; `reopen` may bring
    it back.
    """

    name: str
    """For messages: the URL, mostly."""

    longest_write: int
    """Bytes of one write, at most. On a line of datagrams one write is one datagram."""

    datagrams: bool
    """Whether what is written at once arrives at once, or not at all."""

    bytes_per_second: float | None
    """What the line itself can carry one way, where that is known."""

    def write(self, data: memoryview) -> int:
        """Takes bytes from the front of the data and returns how many; 0 while the line takes none.

        Of a datagram it takes all or nothing.
        """
        ...

    def read_into(self, buffer: memoryview) -> int:
        """Moves what has arrived to the front of the buffer and returns its length; 0 where nothing has.

        The buffer holds at least `longest_write` + 1 bytes.
        """
        ...

    def wait(self, timeout: float, to_write: bool = False) -> None:
        """Returns when something may be read, or written if asked, and after `timeout` seconds anyway."""
        ...

    def reopen(self) -> None:
        """Opens the same line again, forgetting what is on its way. Raises LineLost while it is not there."""
        ...

    def close(self) -> None:
        """Gives the line back. May be called again."""
        ...
