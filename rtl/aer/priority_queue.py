"""A queue of events by class, in hardware; `models/aer/priority_queue.py` says what it does.

A queue for each class, with a place more than it holds events: for a mark, so that one always finds room, as
long as the mark before has left. It need not hold the class. Behind them stands an arbiter. An event is
chosen two cycles after it came, or later, and can leave in the cycle after that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring

from spikelock.models.aer.arbiter import Params as ArbiterParams
from spikelock.models.aer.arbiter import Policy
from spikelock.models.aer.fifo import Params as FIFOParams
from spikelock.models.aer.priority_queue import CORE, Params
from spikelock.models.fabric.tile import Kind

from ..distributor import Distributor
from ..event_checkers import RoomChecker
from ..ports import signature
from .arbiter import Arbiter
from .fifo import FIFO


class PriorityQueue(wiring.Component):
    """Ports as declared in `models/aer/priority_queue.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        event, bits = self.params.event, self.params.class_width
        stored = replace(event, payload_width=event.payload_width - bits)
        self.queues = [FIFO(FIFOParams(self.params.depth + 1, stored)) for _ in range(self.params.classes)]
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, event = self.params, self.input.payload
        m.submodules.first = first = Arbiter(ArbiterParams(params.classes, Policy.PRIORITY, params.event))
        wiring.connect(m, first.output, wiring.flipped(self.output))
        is_mark = Signal()
        wanted = Signal(params.classes)  # queues that the event goes to
        room = Signal(params.classes)
        fits = Signal()
        m.d.comb += [
            is_mark.eq(self.input.valid & (event.kind == Kind.TICK)),
            wanted.eq(Mux(self.input.valid, Mux(is_mark, ~0, 1 << event.payload[: params.class_width]), 0)),
            fits.eq((room | ~wanted).all()),
            self.input.ready.eq(fits),
        ]
        at, bits = len(event.kind) + len(event.address), params.class_width
        for number, queue in enumerate(self.queues):
            m.submodules[f"queue{number}"] = queue
            came, leaves = Value.cast(event), Value.cast(queue.output.payload)
            offered = getattr(first, f"input{number}")
            m.d.comb += [
                room[number].eq(Mux(is_mark, queue.input.ready, queue.occupancy.events < params.depth)),
                Value.cast(queue.input.payload).eq(Cat(came[:at], came[at + bits :])),
                queue.input.valid.eq(wanted[number] & fits),
                Value.cast(offered.payload).eq(Cat(leaves[:at], Const(number, bits), leaves[at:])),
                offered.valid.eq(queue.output.valid),
                queue.output.ready.eq(offered.ready),
            ]
        if params.drops:
            dropped = Signal()
            latched, count = Signal(params.classes), Signal(params.count_width)
            m.d.comb += [
                dropped.eq(self.input.valid & ~is_mark & ~fits),
                self.input.ready.eq(fits | dropped),
                self.traps.latched.eq(latched),
                self.traps.count.eq(count),
            ]
            with m.If(dropped):
                m.d.sync += [latched.eq(latched | wanted), count.eq(count + ~count.all())]
            with m.If(self.registers.clear):
                m.d.sync += [latched.eq(0), count.eq(0)]
                m.d.comb += [self.traps.latched.eq(0), self.traps.count.eq(0)]
        return m


class Split(wiring.Component):
    """A queue, and a distributor that gives each class an output.

    One that drops events is filled until a mark has come; then it is emptied, and tells its traps. Behind one
    that does not stands a checker, as when events wait does not show in what leaves.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.queue = queue = PriorityQueue(replace(params, split=False))
        m.submodules.distributor = distributor = Distributor(params.event, params.classes)
        for number in range(params.classes):
            name = f"output{number}"
            wiring.connect(m, getattr(distributor, name), wiring.flipped(getattr(self, name)))
        if not params.drops:
            leaving = [one.output for one in queue.queues]
            m.submodules.checker = checker = RoomChecker(params.event, params.depth, queue.input, leaving)
            wiring.connect(m, wiring.flipped(self.input), queue.input)
            wiring.connect(m, queue.output, checker.input)
            wiring.connect(m, checker.output, distributor.input)
            return m
        m.d.comb += [
            queue.registers.eq(self.registers),
            queue.input.payload.eq(self.input.payload),
            distributor.input.payload.eq(queue.output.payload),
        ]
        with m.FSM():
            with m.State("FILL"):
                m.d.comb += [queue.input.valid.eq(self.input.valid), self.input.ready.eq(queue.input.ready)]
                with m.If(self.input.valid & self.input.ready & (self.input.payload.kind == Kind.TICK)):
                    m.next = "EMPTY"
            with m.State("EMPTY"):
                m.d.comb += [
                    distributor.input.valid.eq(queue.output.valid),
                    queue.output.ready.eq(distributor.input.ready),
                ]
                with m.If(queue.output.valid & queue.output.ready & (queue.output.payload.kind == Kind.TICK)):
                    m.d.sync += [self.traps.valid.eq(1), self.traps.payload.eq(queue.traps)]
                    m.next = "TELL"
            with m.State("TELL"), m.If(self.traps.ready):
                m.d.sync += self.traps.valid.eq(0)
                m.next = "FILL"
        return m


def component(params: Params) -> PriorityQueue | Split:
    """The component that embodies `aer.priority_queue`."""
    return Split(params) if params.split else PriorityQueue(params)
