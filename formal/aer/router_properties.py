"""What is claimed of `aer.router`.

`delivery` follows one event of one input, any of them: it is the only one whose payload is 1. Marks are
counted modulo 8, which tells apart all that can be under way at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value
from amaranth.lib import data

from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.fabric.tile import Kind

from ..properties import Inside, assume, claim, cover, helper


class Parts:
    """The ports of a router, what its inputs hold, its settings, and a table of its own."""

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        self.params = core.params
        self.ports = range(core.params.ports)
        self.inputs = [getattr(core, f"input{n}") for n in self.ports]
        self.outputs = [getattr(core, f"output{n}") for n in self.ports]
        self.accepted = [channel.valid & channel.ready for channel in self.inputs]
        self.left = [channel.valid & channel.ready for channel in self.outputs]
        self.turns = [core.registers[f"turns{n}"] for n in self.ports]
        links = core.params.links
        self.dead = [core.registers.dead[n] if n < links else Signal(name=f"alive{n}") for n in self.ports]
        settings = Value.cast(core.registers)
        fixed = Signal(len(settings), name="settings_of_this_run")
        m.d.comb += fixed.eq(AnyConst(len(settings)))
        assume(m, "the settings hold still", settings == fixed)

        self.event = [
            data.View(core.input0.payload.shape(), inside.register(f"held{n}.event")) for n in self.ports
        ]
        self.full = [inside.register(f"held{n}.full") for n in self.ports]
        self.looked_up = [inside.register(f"held{n}.looked_up") for n in self.ports]
        self.to_write = [inside.register(f"held{n}.to_write") for n in self.ports]
        self.had_mark = [inside.register(f"held{n}.had_mark") for n in self.ports]
        self.holds_mark = [full & is_mark(event) for full, event in zip(self.full, self.event, strict=True)]
        self.table = self._table(m, core, inside)

    def _table(self, m: Module, core: Any, inside: Inside) -> list[Any]:
        """What was loaded last to each entry."""
        load = core.load
        entries = []
        for number in range(self.params.entries):
            own = inside.register(f"entry{number}")
            entry = Signal(len(Value.cast(own)), name=f"loaded{number}", reset_less=True)
            with m.If(load.valid & (load.payload.address == number)):
                m.d.sync += entry.eq(load.payload.data)
            claim(m, f"entry {number} is what was loaded", Value.cast(own) == entry)
            entries.append(data.View(own.shape() if isinstance(own, data.View) else self._record(), entry))
        return entries

    def _record(self) -> data.StructLayout:
        fields = self.params.table["table"].layout.fields
        return data.StructLayout({name: q.width for name, q in fields.items()})

    def wanted(self, m: Module, name: str, source: Any, address: Any) -> tuple[Signal, Signal]:
        """Where an event should go, whatever the turns; and whether an entry says so."""
        wanted, found = Signal(self.params.ports, name=f"{name}_wanted"), Signal(name=f"{name}_found")
        for link in range(self.params.links):
            with m.If(source == link):
                m.d.comb += wanted.eq(1 << (link + self.params.links // 2) % self.params.links)
        for entry in reversed(self.table):  # the last assignment counts
            with m.If(entry.used & ((address & entry.mask) == entry.key)):
                m.d.comb += [wanted.eq(entry.outputs), found.eq(1)]
        return wanted, found

    def waits(self, source: int, out: int) -> Value:
        """Whether an output's mark waits for an input's, both alive."""
        return self.turns[source][out] & ~self.dead[source] & ~self.dead[out]


class Queue:
    """The queue of an output, two events deep: what is in it, the next to leave first."""

    def __init__(self, m: Module, core: Any, inside: Inside, out: int) -> None:
        consume, produce = inside.register(f"queue{out}.consume"), inside.register(f"queue{out}.produce")
        level = inside.register(f"queue{out}.level")
        helper(m, f"queue {out} is in order", (level <= 2) & (produce == consume ^ level[0]))
        shape = core.input0.payload.shape()
        self.words = [
            data.View(shape, inside.memory(f"queue{out}.storage", at)) for at in (consume, ~consume)
        ]
        self.there = [level > 0, level > 1]
        self.marks = [there & is_mark(word) for there, word in zip(self.there, self.words, strict=True)]
        self.followed = [
            there & is_followed(word) for there, word in zip(self.there, self.words, strict=True)
        ]


def is_mark(event: Any) -> Value:
    return event.kind == Kind.TICK


def is_followed(event: Any) -> Value:
    return ~is_mark(event) & event.payload[0]


def delivery(m: Module, core: Any, inside: Inside) -> None:
    """An event leaves once on each output that the table and the turns say, between the marks that it came
    between.
    """
    parts = Parts(m, core, inside)
    ports = parts.ports
    source = Signal(range(len(ports)), name="followed_input")
    m.d.comb += source.eq(AnyConst(source.shape()))
    # A number above the last is the last, to an Array: so nothing is assumed of it.
    came = Signal()
    marks_before = Signal(3)
    followed = Signal.like(core.input0.payload, name="followed")
    assume(m, "the table holds still once the event has come", ~(core.load.valid & came))
    marks_in = [Signal(3, name=f"marks_in{n}") for n in ports]
    marks_out = [Signal(3, name=f"marks_out{n}") for n in ports]
    gone = [Signal(name=f"gone{n}") for n in ports]
    for n in ports:
        offered = parts.inputs[n].payload
        own = parts.inputs[n].valid & is_followed(offered)
        assume(m, f"input {n} has one such event, if it is the one", ~own | ((source == n) & ~came))
        with m.If(parts.accepted[n]):
            m.d.sync += marks_in[n].eq(marks_in[n] + is_mark(offered))
            with m.If(is_followed(offered)):
                m.d.sync += [came.eq(1), marks_before.eq(marks_in[n]), followed.eq(offered)]
        with m.If(parts.left[n]):
            leaving = parts.outputs[n].payload
            m.d.sync += marks_out[n].eq(marks_out[n] + is_mark(leaving))
            with m.If(is_followed(leaving)):
                m.d.sync += gone[n].eq(1)

    wanted, _ = parts.wanted(m, "followed", source, followed.address)
    turns = Array(parts.turns)[source]
    due = Signal(len(ports))
    m.d.comb += due.eq(wanted & turns & ~Cat(parts.dead) & ~Array(parts.dead)[source].replicate(len(ports)))
    for out in ports:
        leaving, offers = parts.outputs[out].payload, parts.outputs[out].valid
        own = offers & is_followed(leaving)
        claim(m, f"it leaves on output {out} if it should, once", due[out] & ~gone[out] & came, when=own)
        claim(m, f"it leaves on output {out} as it came", same(leaving, followed), when=own)
        claim(m, f"it passes no mark on output {out}", marks_out[out] == marks_before, when=own)
        claim(
            m,
            f"no mark passes it on output {out}",
            gone[out] | (marks_out[out] != marks_before),
            when=offers & is_mark(leaving) & came & due[out],
        )
        for n in ports:
            claim(
                m,
                f"a mark leaves on output {out} when input {n} has had it",
                marks_out[out] != marks_in[n],
                when=offers & is_mark(leaving) & parts.waits(n, out),
            )
        stalled, before = Signal(name=f"stalled{out}"), Signal.like(leaving, name=f"before{out}")
        m.d.sync += [stalled.eq(offers & ~parts.outputs[out].ready), before.eq(leaving)]
        claim(m, f"output {out} holds what is stalled", offers & same(leaving, before), when=stalled)
    _delivery_inside(
        m, core, inside, parts, source, came, followed, due, gone, (marks_in, marks_out, marks_before)
    )
    cover(m, "it leaves on two outputs, one after the other", gone[0] & parts.left[1] & (due == 3))
    cover(m, "it leaves between two marks", gone[2] & (marks_before == 1) & (marks_out[2] == 2))
    cover(m, "it goes straight on", gone[1] & (source == 0) & (wanted == 2) & ~parts.table[0].used)


def _delivery_inside(
    m: Module,
    core: Any,
    inside: Inside,
    parts: Parts,
    source: Signal,
    came: Signal,
    followed: Any,
    due: Signal,
    gone: Sequence[Signal],
    marks: tuple[Sequence[Signal], Sequence[Signal], Signal],
) -> None:
    """Where the event is, and where the marks are."""
    marks_in, marks_out, marks_before = marks
    ports = parts.ports
    held_by = [full & is_followed(event) for full, event in zip(parts.full, parts.event, strict=True)]
    _held_inside(m, parts)
    for n in ports:
        helper(m, f"input {n} holds it, if it is the one", came & (source == n), when=held_by[n])
        helper(m, f"input {n} holds it as it came", same(parts.event[n], followed), when=held_by[n])
        helper(m, f"input {n}: no mark came after it", marks_in[n] == marks_before, when=held_by[n])
    holds = Signal(name="holds_it")
    looked_up = Signal(name="it_is_looked_up")
    pending = Signal(len(ports))
    m.d.comb += [
        holds.eq(Cat(held_by).any()),
        looked_up.eq(Array(parts.looked_up)[source]),
        pending.eq(Mux(holds & looked_up, Array(parts.to_write)[source], 0)),
    ]
    alive = ~Array(parts.dead)[source]
    for out in ports:
        queue = Queue(m, core, inside, out)
        waiting = Cat(queue.followed).any()
        helper(m, f"queue {out} has it once", ~Cat(queue.followed).all())
        helper(m, f"it is nowhere at output {out} before it came", ~waiting & ~gone[out], when=~came)
        for at in range(2):
            helper(
                m, f"queue {out}, {at}: as it came", same(queue.words[at], followed), when=queue.followed[at]
            )
            ahead = queue.marks[0] if at else 0
            helper(
                m,
                f"queue {out}, {at}: its marks are ahead of it",
                (marks_out[out] + ahead - marks_before)[:3] == 0,
                when=queue.followed[at] & ~parts.dead[out],
            )
        helper(
            m, f"not at output {out} before it is looked up", ~waiting & ~gone[out], when=holds & ~looked_up
        )
        places = pending[out] + waiting + gone[out]
        is_somewhere = came & alive & ~parts.dead[out] & (~holds | looked_up)
        helper(m, f"it is in one place for output {out}", places == due[out], when=is_somewhere)
        helper(m, f"what comes dead goes not to output {out}", ~waiting & ~gone[out], when=came & ~alive)
        for n in ports:
            written = marks_out[out] + queue.marks[0] + queue.marks[1]
            taken = marks_in[n] - parts.holds_mark[n] + parts.had_mark[n][out]
            helper(
                m,
                f"marks from input {n} to output {out}",
                (written - taken)[:3] == 0,
                when=parts.waits(n, out),
            )


def _held_inside(m: Module, parts: Parts) -> None:
    """What an input holds."""
    for n in parts.ports:
        is_event = parts.full[n] & ~is_mark(parts.event[n])
        helper(m, f"input {n} has looked up an event", is_event & ~parts.dead[n], when=parts.looked_up[n])
        helper(m, f"input {n} writes what was looked up", parts.looked_up[n], when=parts.to_write[n].any())
        helper(m, f"input {n} writes where it may", (parts.to_write[n] & ~parts.turns[n]) == 0)
        helper(m, f"input {n}: a mark that is held", parts.holds_mark[n], when=parts.had_mark[n].any())


def counters(m: Module, core: Any, inside: Inside) -> None:
    """Each counter is the number of events, or copies, that were not sent, up to its largest value."""
    parts = Parts(m, core, inside)
    unroutable, forbidden = Signal(), Signal(3)
    for n in parts.ports:
        event = parts.event[n]
        wanted, found = parts.wanted(m, f"input{n}", n, event.address)
        with m.If(inside.wire("turn.chosen")[n]):
            m.d.comb += forbidden.eq(sum(wanted[out] & ~parts.turns[n][out] for out in parts.ports))
            m.d.comb += unroutable.eq(~found if n >= parts.params.links else 0)
    counted = {"unroutable": unroutable, "forbidden": forbidden}
    for link in range(parts.params.links):
        queue = Queue(m, core, inside, link)
        received = parts.full[link] & ~is_mark(parts.event[link])
        to_send = queue.there[0] & ~queue.marks[0]
        lost = Mux(parts.dead[link], received + to_send, 0)
        counted[f"lost{link}"] = lost
        cover(m, f"link {link} loses two events at once", lost == 2)
    largest = (1 << COUNTER_WIDTH) - 1
    for name, events in counted.items():
        right = Signal(COUNTER_WIDTH, name=f"right_{name}")
        following = Signal(COUNTER_WIDTH + 2, name=f"following_{name}")
        m.d.comb += following.eq(right + events)
        m.d.sync += right.eq(Mux(following > largest, largest, following))
        claim(m, f"{name} is counted", core.counters[name] == right)
        cover(m, f"{name} counts", right == 2)


def progress(m: Module, core: Any, inside: Inside) -> None:
    """Of any input and output: nothing that could go on waits for more than one turn of each other input."""
    parts = Parts(m, core, inside)
    ports = parts.ports
    chosen = Signal(range(len(ports)), name="chosen_input")
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    assume(m, "there is such an input", chosen < len(ports))
    _held_inside(m, parts)
    asks = Cat(inside.wire(f"held{n}.asks") for n in ports)
    _fair(m, "looked up", inside.register("turn.before"), asks, inside.wire("turn.chosen"), chosen)
    for out in ports:
        Queue(m, core, inside, out)
        wants = Cat(inside.wire(f"held{n}.wants")[out] for n in ports)
        room = inside.register(f"queue{out}.level") != parts.params.queue
        written = Mux(room, inside.wire(f"choice{out}.chosen"), 0)
        _fair(m, f"written to {out}", inside.register(f"choice{out}.before"), wants, written, chosen)
        left = Cat(to_write[out] for to_write in parts.to_write)
        wanted, could = Signal(len(ports), name=f"wanted{out}"), Signal(name=f"could{out}")
        m.d.sync += [wanted.eq(wants), could.eq(room & wants.any())]
        claim(m, f"queue {out} takes an event when it has room", (wanted & ~left).any(), when=could)
        needed = Cat(parts.waits(n, out) for n in ports)
        ready = Cat(parts.holds_mark[n] & ~parts.had_mark[n][out] for n in ports)
        all_ready = needed.any() & ((needed & ~ready) == 0)
        claim(m, f"queue {out} takes a mark when all have it", inside.wire(f"marked{out}"), when=all_ready)
    cover(m, "three inputs ask at once", asks.all())


def _fair(m: Module, name: str, before: Any, asks: Any, served: Any, chosen: Signal) -> None:
    """While one input asks, at most all others are served, each once."""
    inputs = len(asks)
    waits = Array(asks)[chosen] & ~Array(served)[chosen]
    passed = Signal(range(inputs + 1), name="passed_" + name.replace(" ", "_"))
    with m.If(~waits):
        m.d.sync += passed.eq(0)
    with m.Elif(served.any() & (passed < inputs)):
        m.d.sync += passed.eq(passed + 1)
    claim(m, f"{name}: the others pass once", passed + served.any() <= inputs - 1, when=waits)
    ahead = Signal(range(2 * inputs), name="ahead_" + name.replace(" ", "_"))
    m.d.comb += ahead.eq(chosen)  # where none was served yet
    for number in range(inputs):
        with m.If(before == (2 << number) - 1):
            m.d.comb += ahead.eq(Mux(chosen > number, chosen - number - 1, chosen + inputs - number - 1))
    helper(m, f"{name}: all up to the last", Cat(before == (1 << n) - 1 for n in range(inputs + 1)).any())
    helper(m, f"{name}: who is ahead", passed + ahead <= inputs - 1)


def same(a: Any, b: Any) -> Value:
    """Two records of one layout are equal."""
    return Value.cast(a) == Value.cast(b)
