"""What is proved of anything that keeps events in their order: one of them, any one, followed on its way."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnySeq
from amaranth.hdl import Module, Signal, Value

from ..properties import claim


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
