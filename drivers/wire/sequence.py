"""What the numbers of datagrams tell: what was lost, came late, twice, or from a sender that began again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

WINDOW = 1024
"""Numbers behind the newest one that are remembered: so long a datagram may be under way and be told from a
duplicate."""

MOST_SENDERS = 64
"""Senders whose numbers are remembered; the one that was silent longest is forgotten first."""


@dataclass
class Order:
    """Counts of datagrams.

    taken: to be used. lost: numbers that are missing; one that comes late is lost no more. late: taken after
    one with a higher number. duplicates: not taken, because they were before. strays: not taken, because they
    are more than WINDOW behind. restarts: how often a stray was followed by the next number, so that the
    sender must have begun again; that one is taken, and so are the next.
    """

    taken: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    strays: int = 0
    restarts: int = 0

    @property
    def perfect(self) -> bool:
        """Every datagram came, once, and in order."""
        return not (self.lost or self.late or self.duplicates or self.strays or self.restarts)


class Sequence:
    """Judges the datagrams of one sender by their numbers, which go up by one, modulo 2^bits.

    A gap of half of all numbers or more cannot be told from numbers behind.
    """

    def __init__(self, bits: int, order: Order) -> None:
        self._size = 1 << bits
        self._order = order
        self._newest: int | None = None
        self._seen = 0  # bit i: the number i behind the newest one came
        self._missed = 0  # so many numbers behind the newest one count as lost where they did not come
        self._stray: int | None = None

    def take(self, number: int) -> bool:
        """Counts a datagram; whether it is to be used."""
        if self._newest is None:
            return self._begin(number)
        ahead = (number - self._newest) % self._size
        behind = (self._newest - number) % self._size
        if 0 < ahead < self._size // 2:
            return self._advance(number, ahead)
        if behind <= WINDOW:
            return self._take_late(behind)
        if self._stray is not None and number == (self._stray + 1) % self._size:
            self._order.restarts += 1
            return self._begin(number)
        self._stray = number
        self._order.strays += 1
        return False

    def _begin(self, number: int) -> bool:
        self._newest, self._seen, self._missed, self._stray = number, 1, 0, None
        self._order.taken += 1
        return True

    def _advance(self, number: int, ahead: int) -> bool:
        kept = (1 << (WINDOW + 1)) - 1
        self._seen = ((self._seen << ahead) & kept if ahead <= WINDOW else 0) | 1
        self._missed += ahead
        self._newest, self._stray = number, None
        self._order.lost += ahead - 1
        self._order.taken += 1
        return True

    def _take_late(self, behind: int) -> bool:
        if self._seen >> behind & 1:
            self._order.duplicates += 1
            return False
        self._seen |= 1 << behind
        self._order.late += 1
        self._order.taken += 1
        if behind <= self._missed:  # else it is from before the first one, and was never missed
            self._order.lost -= 1
        return True


class Senders:
    """The sequences of all senders, by address; all count into one `order`."""

    def __init__(self, bits: int) -> None:
        self.order = Order()
        self._bits = bits
        self._sequences: OrderedDict[Any, Sequence] = OrderedDict()

    def take(self, sender: Any, number: int) -> bool:
        """Counts a datagram of a sender; whether it is to be used."""
        sequence = self._sequences.setdefault(sender, Sequence(self._bits, self.order))
        self._sequences.move_to_end(sender)
        if len(self._sequences) > MOST_SENDERS:
            self._sequences.popitem(last=False)
        return sequence.take(number)
