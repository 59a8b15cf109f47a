"""What the proofs of a board's parts share: the rule of streams, the words of packets, a record's way."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Cat, Module, Mux, Signal, Value

from ..properties import Inside, helper


def stays(m: Module, stream: Any, name: str) -> Value:
    """Whether a stream keeps the rule: what waits stays as it is until it is taken."""
    payload = Value.cast(stream.payload)
    waits, held = Signal(name=f"{name}_waits"), Signal(len(payload), name=f"{name}_held")
    m.d.sync += [waits.eq(stream.valid & ~stream.ready), held.eq(payload)]
    return ~waits | (stream.valid & (payload == held))


class Words:
    """Words of `size` bytes, read from a stream of packets as rule 4 of `docs/link.md` says.

    complete: the last byte of a word is taken in this cycle; word: all its bytes, the first one lowest.
    cut: the packet ends in this cycle, and the word does not. at: bytes of the word that were taken before.
    bytes_before: these bytes.
    """

    def __init__(self, m: Module, taken: Any, packet: Any, size: int) -> None:
        self.at = Signal(range(size), name="byte_of_word")
        self.bytes_before = [Signal(8, name=f"byte_{number}") for number in range(size - 1)]
        ends = self.at == size - 1
        self.complete, self.cut = Signal(name="word_complete"), Signal(name="word_cut")
        self.word = Cat(*self.bytes_before, packet.data)
        m.d.comb += [self.complete.eq(taken & ends), self.cut.eq(taken & packet.last & ~ends)]
        for number, byte in enumerate(self.bytes_before):
            with m.If(taken & (self.at == number)):
                m.d.sync += byte.eq(packet.data)
        with m.If(self.complete | self.cut):
            m.d.sync += self.at.eq(0)
        with m.Elif(taken):
            m.d.sync += self.at.eq(self.at + 1)


class Followed:
    """One record on its way through Amaranth's `SyncFIFOBuffered`, called `buffer` in the core.

    Any one: what holds for it holds for all. It is named by its number, modulo more than fit the buffer.

    count: records in the buffer. record: what the followed one was when it came. leaves: it is the next one.
    """

    def __init__(self, m: Module, inside: Inside, depth: int, comes: Any, record: Any, goes: Any) -> None:
        came, gone = Signal(range(2 * depth), name="came"), Signal(range(2 * depth), name="gone")
        number = Signal.like(came, name="followed")
        self.record = Signal(len(Value.cast(record)), name="followed_record")
        m.d.comb += number.eq(AnyConst(len(number)))
        with m.If(comes):
            m.d.sync += came.eq(came + 1)
            with m.If(came == number):
                m.d.sync += self.record.eq(record)
        with m.If(goes):
            m.d.sync += gone.eq(gone + 1)
        self.count = (came - gone)[: len(came)]
        self.ahead = (number - gone)[: len(came)]
        self.inside = self.ahead < self.count
        self.leaves = self.inside & (self.ahead == 0)
        self._tie(m, inside, depth - 1)

    def _tie(self, m: Module, inside: Inside, stored: int) -> None:
        """Helpers: what the buffer holds. `stored` records are in its memory, one is before its output."""
        produce, consume, level, shown = (
            inside.register(f"buffer.{name}") for name in ("produce", "consume", "inner_level", "r_rdy")
        )
        helper(m, "the buffer's count", level + shown == self.count)
        helper(m, "the buffer's places", (produce < stored) & (consume < stored) & (level <= stored))
        helper(m, "the buffer's order", _wrapped(consume + level, stored) == produce)
        helper(m, "the buffer shows what it has", shown | (level <= 1))
        place = _wrapped(consume + self.ahead - shown, stored)
        data = inside.wire("buffer.r_data")
        kept = Mux(shown & (self.ahead == 0), data, Value.cast(inside.memory("buffer.storage", place)))
        helper(m, "the followed record is where it should be", kept == self.record, when=self.inside)


def _wrapped(place: Any, stored: int) -> Value:
    return Mux(place >= stored, place - stored, place)
