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

from ..distributor import Distributor
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
            before = Signal.like(self.requests)  # the one that was served last, and all below it
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


class Split(wiring.Component):
    """An arbiter, and a distributor that gives each input's events an output."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.arbiter = arbiter = Arbiter(replace(params, split=False))
        m.submodules.distributor = distributor = Distributor(params.event, params.inputs)
        wiring.connect(m, arbiter.output, distributor.input)
        for number in range(params.inputs):
            name = f"input{number}"
            wiring.connect(m, wiring.flipped(getattr(self, name)), getattr(arbiter, name))
            name = f"output{number}"
            wiring.connect(m, getattr(distributor, name), wiring.flipped(getattr(self, name)))
        return m


class Together(wiring.Component):
    """An arbiter, and a place for an event of each input; they are filled at once, when all are empty."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.arbiter = arbiter = Arbiter(replace(self.params, together=False))
        names = [f"input{number}" for number in range(self.params.inputs)]
        waits = Signal(self.params.inputs)
        fills = Signal()
        m.d.comb += fills.eq(~waits.any() & Cat(getattr(self, name).valid for name in names).all())
        for number, name in enumerate(names):
            own, shown = getattr(self, name), getattr(arbiter, name)
            m.d.comb += [own.ready.eq(fills), shown.valid.eq(waits[number])]
            with m.If(shown.ready):
                m.d.sync += waits[number].eq(0)
            with m.If(fills):
                m.d.sync += [waits[number].eq(own.payload.kind != Kind.TICK), shown.payload.eq(own.payload)]
        wiring.connect(m, arbiter.output, wiring.flipped(self.output))
        return m


def component(params: Params) -> Arbiter | Split | Together:
    """The component that embodies `aer.arbiter`."""
    if params.together:
        return Together(params)
    return Split(params) if params.split else Arbiter(params)
