"""Tell a bench what the events that leave a core do not show: their order, and when others had to wait.

A checker stands in a channel, and spoils all that passes from the cycle after something was wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind

from .aer.arbiter import Choice
from .ports import carried


class Checker(wiring.Component):
    """A channel; `wrong` says what must not be."""

    def __init__(self, event: Format) -> None:
        channel = carried(event.port())
        super().__init__({"input": In(channel), "output": Out(channel)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        spoiled = Signal()
        m.d.comb += [
            Value.cast(self.output.payload).eq(self.input.payload),
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
        ]
        m.d.sync += spoiled.eq(spoiled | self.wrong(m))
        with m.If(spoiled):
            m.d.comb += self.output.payload.kind.eq(~self.input.payload.kind)
        return m

    def wrong(self, m: Module) -> Value:
        """Whether something is wrong in this cycle."""
        raise NotImplementedError


class TurnChecker(Checker):
    """Arbiters serve in turn.

    Of several requests, that is the first after the one that was served last, in a circle; after a cycle in
    which one could have been served, and there was none, the first of all.

    arbiters: each with the signal that says whether what it chooses is served.
    """

    def __init__(self, event: Format, arbiters: Sequence[tuple[Choice, Value]]) -> None:
        self.arbiters = arbiters
        super().__init__(event)

    def wrong(self, m: Module) -> Value:
        """Something else is served than it should be."""
        return Cat(
            served & (arbiter.chosen != self._expected(m, arbiter, served))
            for arbiter, served in self.arbiters
        ).any()

    def _expected(self, m: Module, arbiter: Choice, served: Value) -> Signal:
        """The request that should be chosen, as `chosen` has it."""
        count = len(arbiter.requests)
        expected = Signal(count)
        last = Signal(range(count), init=count - 1)
        with m.If(served):
            m.d.sync += last.eq(count - 1)
        with m.Switch(last):
            for number in range(count):
                with m.Case(number):
                    circle = [(number + 1 + offset) % count for offset in range(count)]
                    for one in reversed(circle):  # the last assignment counts
                        with m.If(arbiter.requests[one]):
                            m.d.comb += expected.eq(1 << one)
        for number in range(count):
            with m.If(served & arbiter.chosen[number]):
                m.d.sync += last.eq(number)
        return expected


class RoomChecker(Checker):
    """A queue of events by class takes an event where its class holds fewer than `depth`, marks included; a
    mark where each class holds `depth` at most; and nothing else.

    given: what comes. queues: what leaves the queue of each class.
    """

    def __init__(self, event: Format, depth: int, given: Any, queues: Sequence[Any]) -> None:
        self.depth, self.given, self.queues = depth, given, queues
        super().__init__(event)

    def wrong(self, m: Module) -> Value:
        """It takes what it should not, or does not take what it should."""
        given, depth = self.given, self.depth
        is_mark = given.payload.kind == Kind.TICK
        own = given.payload.payload[: (len(self.queues) - 1).bit_length()]
        waits = Signal(len(self.queues))
        for number, queue in enumerate(self.queues):
            held = Signal(range(depth + 2), name=f"held{number}")
            concerned = is_mark | (own == number)
            comes, leaves = given.valid & given.ready & concerned, queue.valid & queue.ready
            m.d.sync += held.eq(held + comes - leaves)
            m.d.comb += waits[number].eq(concerned & (held > Mux(is_mark, depth, depth - 1)))
        return given.valid & (given.ready == waits.any())
