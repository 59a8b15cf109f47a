"""What is proved of anything that keeps events in their order: one of them, any one, followed on its way."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnySeq
from amaranth.hdl import Module, Mux, Signal, Value

from ..properties import Inside, claim, helper


class Followed:
    """One event, chosen freely among those that come: it leaves after those that were there before it.

    taken, given: whether an event comes, and leaves, in this cycle. held: how many are there. under_way: the
    one that is followed is there. ahead: how many are before it. event: its bits.
    """

    def __init__(self, m: Module, taken: Any, event: Any, given: Any, offered: Any, most: int) -> None:
        bits = Value.cast(event)
        self.held = Signal(range(most + 2), name="events_held")
        self.ahead = Signal(range(most + 2), name="events_ahead")
        self.under_way = Signal(name="followed_is_under_way")
        self.event = Signal(len(bits), name="followed_event")
        begins = Signal(name="followed_comes")
        m.d.comb += begins.eq(taken & ~self.under_way & AnySeq(1))
        m.d.sync += self.held.eq(self.held + taken - given)
        with m.If(begins):
            m.d.sync += [self.under_way.eq(1), self.event.eq(bits), self.ahead.eq(self.held - given)]
        with m.Elif(self.under_way & given):
            m.d.sync += [self.ahead.eq(self.ahead - 1), self.under_way.eq(self.ahead != 0)]
        its_turn = self.under_way & (self.ahead == 0)
        claim(m, "no event leaves that has not come", self.held != 0, when=given)
        claim(
            m, "each event leaves in its turn, unchanged", Value.cast(offered) == self.event, given & its_turn
        )


class Places:
    """The places of Amaranth's buffered queue, inside a core, and which of them are in use.

    level: events in it. shown: one is offered, its bits are `offered`. words: for each place, whether it is
    in use, and its bits.
    """

    def __init__(self, m: Module, inside: Inside, path: str, depth: int) -> None:
        self.m, self.inside, self.path, self.memory = m, inside, path, depth - 1
        self.produce = inside.register(f"{path}.produce")
        self.consume = inside.register(f"{path}.consume")
        self.inner = inside.register(f"{path}.inner_level")
        self.shown = inside.register(f"{path}.r_rdy")
        self.offered = Value.cast(inside.read_data(f"{path}.storage"))
        self.level = Signal(range(depth + 1), name=f"{path.replace('.', '_')}_held")
        m.d.comb += self.level.eq(self.inner + self.shown)
        self.words = [(self.shown, self.offered)]
        for place in range(self.memory):
            since = Mux(place >= self.consume, place - self.consume, place + self.memory - self.consume)
            word = Value.cast(inside.memory(f"{path}.storage", place))
            self.words.append((since < self.inner, word))

    def claim_places(self, name: str) -> None:
        """Helpers: the registers are those of a queue."""
        produce, consume, inner, memory = self.produce, self.consume, self.inner, self.memory
        there_are = (produce < memory) & (consume < memory) & (inner <= memory)
        helper(self.m, f"places there are, of {name}", there_are)
        distance = Mux(produce >= consume, produce - consume, produce + memory - consume)
        in_use = Mux(produce == consume, (inner == 0) | (inner == memory), inner == distance)
        helper(self.m, f"places in use, of {name}", in_use)
        helper(self.m, f"not offered yet, of {name}", inner <= 1, when=~self.shown)

    def kept(self, ahead: Any) -> Value:
        """The bits of the event that has so many before it in the queue."""
        place = Signal(range(2 * self.memory), name=f"{self.path.replace('.', '_')}_place")
        self.m.d.comb += place.eq(self.consume + ahead - self.shown)
        wrapped = Mux(place >= self.memory, place - self.memory, place)
        word = Value.cast(self.inside.memory(f"{self.path}.storage", wrapped))
        return Mux(self.shown & (ahead == 0), self.offered, word)
