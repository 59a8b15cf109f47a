"""A multicast router in hardware; `models/aer/router.py` says what it does.

An input holds one event. In the cycle after it has come it is looked up, if it is this input's turn: there is
one table for all inputs, that compares all entries at once. Then it is written to the queue of each of its
outputs, to some perhaps before others, and leaves the input with the last. So while nothing stalls, and no
other event is there, it leaves three cycles after it came, and the next one is taken in the second.

A mark is held likewise, until the queue of each output to which its input may turn has had one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.fifo import SyncFIFO

from spikelock.models.aer.arbiter import Policy
from spikelock.models.aer.router import CORE, COUNTER_WIDTH, Params, counters
from spikelock.models.fabric.tile import Kind

from ..distributor import Distributor
from ..event_checkers import TurnChecker
from ..fixed import layout
from ..ports import carried, signature
from .arbiter import Choice

WAITING = 4
"""Events that wait at each input of a split router."""


class Held(wiring.Component):
    """What an input holds: an event that has come, and to which outputs it, or its mark, still has to go."""

    def __init__(self, params: Params) -> None:
        event, ports = layout(params.event.port()), params.ports
        super().__init__(
            {
                "input": wiring.In(carried(params.event.port())),
                "turns": wiring.In(ports),  # that a mark waits for
                "dead": wiring.In(1),
                "found": wiring.In(1),  # the table has been asked
                "outputs": wiring.In(ports),  # what it said
                "written": wiring.In(ports),  # queues that took the event in this cycle
                "marked": wiring.In(ports),  # queues that took a mark in this cycle
                "event": wiring.Out(event),
                "asks": wiring.Out(1),  # the table
                "wants": wiring.Out(ports),  # to be written
                "marks": wiring.Out(ports),  # outputs that have not had the mark that is held
                "discards": wiring.Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        full = Signal()
        looked_up = Signal()
        to_write = Signal.like(self.outputs)
        had_mark = Signal.like(self.outputs)
        is_mark = Signal()
        leaves = Signal()
        m.d.comb += [
            is_mark.eq(self.event.kind == Kind.TICK),
            self.asks.eq(full & ~is_mark & ~looked_up & ~self.dead),
            self.wants.eq(to_write),
            self.marks.eq(Mux(full & is_mark & ~self.dead, self.turns & ~had_mark, 0)),
            leaves.eq(
                Mux(is_mark, ~(self.marks & ~self.marked).any(), looked_up & (to_write == self.written))
            ),
            self.discards.eq(full & self.dead & ~is_mark),
            self.input.ready.eq(~full | leaves | self.dead),
        ]
        m.d.sync += [to_write.eq(to_write & ~self.written), had_mark.eq(had_mark | self.marked)]
        with m.If(self.found):
            m.d.sync += [looked_up.eq(1), to_write.eq(self.outputs)]
        with m.If(self.input.ready):
            m.d.sync += [full.eq(self.input.valid), looked_up.eq(0), to_write.eq(0), had_mark.eq(0)]
            with m.If(self.input.valid):
                m.d.sync += self.event.eq(self.input.payload)
        return m


class Router(wiring.Component):
    """Ports as declared in `models/aer/router.py`; `load` writes the table and is always ready.

    shows_idle: adds the output `idle`: it holds nothing but marks that wait for others.
    """

    def __init__(self, params: Params | None = None, *, shows_idle: bool = False) -> None:
        self.params = params or Params()
        self.shows_idle = shows_idle
        ports, event = self.params.ports, layout(self.params.event.port())
        self.queues = [SyncFIFO(width=event.size, depth=self.params.queue) for _ in range(ports)]
        self.turn = Choice(ports, Policy.ROUND_ROBIN)  # at the table
        self.choices = [Choice(ports, Policy.ROUND_ROBIN) for _ in range(ports)]  # at each queue
        super().__init__(signature(CORE, self.params) | ({"idle": wiring.Out(1)} if shows_idle else {}))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        ports = range(params.ports)
        dead = Signal(params.ports)
        if params.links:
            m.d.comb += dead.eq(self.registers.dead)
        turns = [self.registers[f"turns{number}"] for number in ports]
        held = []
        for number in ports:
            m.submodules[f"held{number}"] = one = Held(params)
            wiring.connect(m, wiring.flipped(getattr(self, f"input{number}")), one.input)
            m.d.comb += [one.turns.eq(turns[number]), one.dead.eq(dead[number])]
            held.append(one)
        forbidden = self._look_up(m, held, turns)
        lost = [self._send(m, out, held, turns, dead) for out in ports]
        for link in range(params.links):
            _count(m, self.counters[f"lost{link}"], held[link].discards + lost[link])
        copies: list[Any] = [forbidden[out] for out in ports]
        _count(m, self.counters.forbidden, sum(copies))
        if self.shows_idle:
            moving = [Cat(one.asks, one.wants, one.marked) for one in held]
            queued = [queue.r_rdy for queue in self.queues]
            m.d.comb += self.idle.eq(~Cat(moving, queued).any())
        return m

    def _look_up(self, m: Module, held: Sequence[Held], turns: Sequence[Value]) -> Value:
        """One input's event in the table; the outputs that it must not go to."""
        params = self.params
        entries = self._table(m)
        m.submodules.turn = turn = self.turn
        m.d.comb += [turn.requests.eq(Cat(one.asks for one in held)), turn.done.eq(1)]
        chosen = turn.chosen
        address = _selected(chosen, [one.event.address for one in held])
        matching = Signal(params.entries)
        m.d.comb += matching.eq(Cat(e.used & ((address & e.mask) == e.key) for e in entries))
        first = matching & ~(matching - 1)
        links = params.links
        straight = [1 << (n + links // 2) % links if n < links else 0 for n in range(params.ports)]
        wanted = Signal(params.ports)
        with m.If(matching.any()):
            m.d.comb += wanted.eq(_selected(first, [entry.outputs for entry in entries]))
        with m.Else():
            m.d.comb += wanted.eq(_selected(chosen, [Const(outputs, params.ports) for outputs in straight]))
        allowed = _selected(chosen, turns)
        for number, one in enumerate(held):
            m.d.comb += [one.found.eq(chosen[number]), one.outputs.eq(wanted & allowed)]
        _count(m, self.counters.unroutable, chosen[params.links :].any() & ~matching.any())
        forbidden = Signal(params.ports)
        m.d.comb += forbidden.eq(Mux(chosen.any(), wanted & ~allowed, 0))
        return forbidden

    def _table(self, m: Module) -> list[Any]:
        """The entries. They are registers, as all are compared at once; a reset leaves them as they are."""
        record = layout(self.params.table["table"].layout)
        entries = [
            Signal(record, name=f"entry{number}", reset_less=True) for number in range(self.params.entries)
        ]
        m.d.comb += self.load.ready.eq(1)
        with m.If(self.load.valid):
            for number, entry in enumerate(entries):
                with m.If(self.load.payload.address == number):
                    m.d.sync += Value.cast(entry).eq(self.load.payload.data)
        return entries

    def _send(self, m: Module, out: int, held: Sequence[Held], turns: Sequence[Value], dead: Value) -> Value:
        """The queue of an output: events one after the other, and a mark once all inputs have one.

        Gives whether an event is lost in this cycle.
        """
        ports = range(self.params.ports)
        output = getattr(self, f"output{out}")
        event = layout(self.params.event.port())
        m.submodules[f"queue{out}"] = queue = self.queues[out]
        m.submodules[f"choice{out}"] = choice = self.choices[out]
        waits = Cat(turns[source][out] & ~dead[source] for source in ports)
        marked = Signal(name=f"marked{out}")
        mark = data.View(event, Const(0, event.size))
        m.d.comb += [
            choice.requests.eq(Cat(one.wants[out] for one in held)),
            choice.done.eq(queue.w_rdy),
            marked.eq(waits.any() & (waits == Cat(one.marks[out] for one in held))),
            queue.w_en.eq(choice.requests.any() | marked),
            queue.w_data.eq(_selected(choice.chosen, [Value.cast(one.event) for one in held])),
        ]
        with m.If(marked):
            m.d.comb += queue.w_data.eq(Cat(Const(Kind.TICK, len(mark.kind)), Const(0, event.size)))
        for source, one in enumerate(held):
            m.d.comb += [
                one.written[out].eq(choice.chosen[source] & queue.w_rdy),
                one.marked[out].eq(marked & queue.w_rdy & waits[source]),
            ]
        m.d.comb += [
            Value.cast(output.payload).eq(queue.r_data),
            output.valid.eq(queue.r_rdy & ~dead[out]),
            queue.r_en.eq(output.ready | dead[out]),
        ]
        return queue.r_rdy & dead[out] & (output.payload.kind != Kind.TICK)


def _selected(chosen: Value, values: Iterable[Any]) -> Value:
    """The value whose bit is set, of which there is one at most; else 0."""
    return reduce(or_, (Mux(chosen[number], value, 0) for number, value in enumerate(values)))


def _count(m: Module, counter: Value, events: Value) -> None:
    """Adds events to a counter, which stays at its largest value."""
    following = Signal(COUNTER_WIDTH + 1)
    m.d.comb += following.eq(counter + events)
    m.d.sync += counter.eq(Mux(following[COUNTER_WIDTH], ~0, following))


class Split(wiring.Component):
    """A router whose inputs are fed by a distributor, and whose outputs are split by one each.

    As that hides in which order inputs are served, a checker spoils what leaves once that is not in turn.
    counted: it has the router's counters too, which are no transactions, so a bench does not compare them.
    """

    def __init__(self, params: Params, counted: bool = False) -> None:
        self.params, self.counted = params, counted
        self.router = Router(_joined(params))
        shown = {"counters": wiring.Out(carried(counters(params)))} if counted else {}
        super().__init__({**signature(CORE, params), **shown})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.router = router = self.router
        m.submodules.spread = spread = Distributor(params.event, params.ports)
        wiring.connect(m, wiring.flipped(self.input), spread.input)
        wiring.connect(m, wiring.flipped(self.load), router.load)
        m.d.comb += router.registers.eq(self.registers)
        if self.counted:
            m.d.comb += self.counters.eq(router.counters)
        bits, size = (params.ports - 1).bit_length(), layout(params.event.port()).size
        payload = size - params.payload_width
        for number in range(params.ports):
            m.submodules[f"waiting{number}"] = waiting = SyncFIFO(width=size - bits, depth=WAITING)
            source, into = getattr(spread, f"output{number}"), getattr(router, f"input{number}")
            m.d.comb += [
                waiting.w_data.eq(Cat(Value.cast(source.payload)[:payload], source.payload.payload[bits:])),
                waiting.w_en.eq(source.valid),
                source.ready.eq(waiting.w_rdy),
                Value.cast(into.payload).eq(
                    Cat(waiting.r_data[:payload], Const(number, bits), waiting.r_data[payload:])
                ),
                into.valid.eq(waiting.r_rdy),
                waiting.r_en.eq(into.ready),
            ]
            arbiters = [(router.turn, Const(1)), (router.choices[number], router.queues[number].w_rdy)]
            m.submodules[f"checker{number}"] = checker = TurnChecker(params.event, arbiters)
            m.submodules[f"splitter{number}"] = splitter = Distributor(params.event, params.ports)
            wiring.connect(m, getattr(router, f"output{number}"), checker.input)
            wiring.connect(m, checker.output, splitter.input)
            for other in range(params.ports):
                pair = getattr(self, f"output{number}_from{other}")
                wiring.connect(m, getattr(splitter, f"output{other}"), wiring.flipped(pair))
        return m


def _joined(params: Params) -> Params:
    return Params(
        params.links,
        params.local_ports,
        params.entries,
        params.key_width,
        params.payload_width,
        params.queue,
    )


def component(params: Params) -> Router | Split:
    """The component that embodies `aer.router`."""
    return Split(params) if params.split else Router(params)
