"""What the proofs of the frame encoder and decoder share: the halves of the buffer."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal

from ..properties import Inside, helper

HALF = 8
"""Bytes of half a buffer in the small cores of these proofs."""


def select(values: Any, index: Any) -> Any:
    """values[index]."""
    return Array(values)[index]


class Halves:
    """The halves of the core's buffer: which is filled, which is sent, and what is known of them.

    words: of each half, what the memory holds.
    """

    def __init__(self, m: Module, inside: Inside) -> None:
        self.filling = inside.register("buffer.filling")
        self.sending = inside.register("buffer.sending")
        self.full = [inside.register("buffer.full")[half] for half in range(2)]
        self.last = [inside.register(f"buffer.last_of_{half}") for half in range(2)]
        self.at = inside.register("buffer.at")
        self.valid = inside.register("buffer.output__valid")
        self.words = [
            [inside.memory("buffer.bytes", HALF * half + place) for place in range(HALF)] for half in range(2)
        ]
        shown = inside.read_data("buffer.bytes")
        one_full = self.full[0] ^ self.full[1]
        helper(m, "both halves are full or none", one_full | (self.filling == self.sending))
        helper(
            m,
            "one half is full, and the other is filled",
            select(self.full, self.sending) & (self.filling != self.sending),
            when=one_full,
        )
        helper(m, "what leaves is full", select(self.full, self.sending), when=self.valid)
        helper(m, "it leaves as far as it goes", self.at <= select(self.last, self.sending), when=self.valid)
        helper(m, "it leaves from its first byte", self.valid | (self.at == 0))
        words = select([select(half, self.at) for half in self.words], self.sending)
        helper(m, "the byte that leaves is that of the memory", shown == words, when=self.valid)


def never_closed(m: Module, name: str, open_now: Any, cycles: int) -> Signal:
    """Cycles in a row in which no port is open; `claim` it to be at most `cycles`."""
    closed = Signal(range(cycles + 3), name=name)
    m.d.sync += closed.eq(Mux(open_now, 0, closed + 1))
    return closed
