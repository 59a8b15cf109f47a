"""Merges channels of events into one, in hardware; `models/aer/arbiter.py` says what it gives.

An event that is taken stands in a register from the next cycle on, and another one may be taken when it
leaves: an event a cycle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer.arbiter import CORE, Params, Policy
from spikelock.models.fabric.tile import Kind

from ..ports import signature


class Choice(wiring.Component):
    """One of several requests.

    requests: a bit each. chosen: one of these bits, or none where there is no request. done: what is chosen
    in this cycle is served, so a round robin goes on after it.
    """

    def __init__(self, requests: int, policy: Policy) -> None:
        self.policy = policy
        super().__init__({"requests": In(requests), "done": In(1), "chosen": Out(requests)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        candidates = Signal.like(self.requests)
        m.d.comb += [candidates.eq(self.requests), self.chosen.eq(candidates & ~(candidates - 1))]
        if self.policy is Policy.ROUND_ROBIN:
            # The one that was served last, and all below it; at first all, which is as good as none.
            before = Signal.like(self.requests, init=(1 << len(self.requests)) - 1)
            later = self.requests & ~before
            with m.If(later.any()):
                m.d.comb += candidates.eq(later)
            with m.If(self.done):
                m.d.sync += before.eq(self.chosen | (self.chosen - 1))
        return m


class Arbiter(wiring.Component):
    """Ports as declared in `models/aer/arbiter.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        channels = [getattr(self, f"input{number}") for number in range(self.params.inputs)]
        output = self.output
        m.submodules.choice = choice = Choice(self.params.inputs, self.params.policy)
        room = Signal()
        marked = Signal()  # all inputs have a mark
        taken = Signal(self.params.inputs)
        is_mark = [channel.payload.kind == Kind.TICK for channel in channels]
        m.d.comb += [
            room.eq(output.ready | ~output.valid),
            choice.requests.eq(Cat(c.valid & ~mark for c, mark in zip(channels, is_mark, strict=True))),
            marked.eq(Cat(c.valid & mark for c, mark in zip(channels, is_mark, strict=True)).all()),
            choice.done.eq(room & choice.requests.any()),
            taken.eq(Mux(room, Mux(marked, ~0, choice.chosen), 0)),
        ]
        m.d.comb += [channel.ready.eq(taken[number]) for number, channel in enumerate(channels)]
        with m.If(room):
            m.d.sync += output.valid.eq(taken.any())
        with m.If(taken.any()):
            m.d.sync += output.payload.eq(_selected(taken, channels))
        return m


def _selected(taken: Value, channels: list[Any]) -> Value:
    """The payload of the lowest channel of which something is taken."""
    selected = Value.cast(channels[-1].payload)
    for number, channel in reversed([*enumerate(channels)][:-1]):
        selected = Mux(taken[number], channel.payload, selected)
    return selected


class Together(wiring.Component):
    """An arbiter, with a place in front of each input; they are filled at once, when none holds an event."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.arbiter = arbiter = Arbiter(replace(self.params, together=False))
        numbers = range(self.params.inputs)
        given = [getattr(self, f"input{number}") for number in numbers]
        places = [getattr(arbiter, f"input{number}") for number in numbers]
        fills = Signal()
        events = Cat(place.valid & (place.payload.kind != Kind.TICK) for place in places)
        complete = Cat(place.valid for place in places).all()  # where there is no event, a mark is due
        m.d.comb += fills.eq(Cat(one.valid for one in given).all() & ~events.any() & ~complete)
        for one, place in zip(given, places, strict=True):
            full, held = Signal(), Signal.like(place.payload)
            m.d.comb += [one.ready.eq(fills), place.valid.eq(full), place.payload.eq(held)]
            with m.If(place.ready):
                m.d.sync += full.eq(0)
                with m.If(held.address[0]):  # what an empty place shows does not count, not even a mark
                    m.d.sync += held.kind.eq(Kind.TICK)
            with m.If(fills & ~full):
                m.d.sync += [full.eq(1), held.eq(one.payload)]
        wiring.connect(m, arbiter.output, wiring.flipped(self.output))
        return m


def component(params: Params) -> Arbiter | Together:
    """The component that embodies `aer.arbiter`."""
    return Together(params) if params.together else Arbiter(params)
