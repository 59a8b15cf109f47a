"""Proofs of `fabric.node`, and the broken cores that they catch.

In the place of the tile stands anything that keeps to what is proved of `fabric.tile`: it takes an event when
it has done with the one before, sends spikes of its neurons in order while a TICK is under way, each at most
once, then passes on the event.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value

from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.fabric.node import Params
from spikelock.models.fabric.tile import Kind
from spikelock.models.fabric.tile import Params as TileParams

from ..proof import Proof
from ..properties import Inside, assume, claim, cover, helper
from . import node_mutants as broken
from .tile import NEURON


class AnyTile:
    """What stands in the place of the tile, and what is under way in it.

    sends_rightly: what it sends is in order, and held while it is stalled; else it sends whatever it likes.
    """

    def __init__(self, m: Module, core: Any, inside: Inside, *, sends_rightly: bool) -> None:
        inside.cut("tile")
        tile, sizes = core.tile, core.params.tile
        for free in (tile.input.ready, tile.output.valid, tile.output.payload, tile.load.ready):
            value = Value.cast(free)
            m.d.comb += value.eq(AnySeq(len(value)))
        given, out = tile.input.payload, tile.output.payload
        self.takes = tile.input.valid & tile.input.ready
        self.busy = Signal(name="tile_busy")
        self.under_way = Signal.like(given, name="under_way")
        self.spiked = Signal(range(sizes.neurons + 1), name="next_neuron")
        self.spikes = Signal(name="tile_spikes")
        self.sends = tile.output.valid & tile.output.ready
        waited, before = Signal(name="tile_waited"), Signal.like(Value.cast(out), name="tile_sent")
        own = (out.kind == Kind.SPIKE) & (out.address >= sizes.axons)
        m.d.comb += self.spikes.eq(tile.output.valid & own)
        m.d.sync += [waited.eq(tile.output.valid & ~tile.output.ready), before.eq(out)]
        with m.If(self.takes):
            m.d.sync += [self.busy.eq(1), self.under_way.eq(given)]
            with m.If(given.kind != Kind.SPIKE):
                m.d.sync += self.spiked.eq(0)
        with m.If(self.sends):
            with m.If(own):
                m.d.sync += self.spiked.eq(out.address - sizes.axons + 1)
            with m.Else():
                m.d.sync += self.busy.eq(0)
        neuron = out.address - sizes.axons
        in_order = (self.under_way.kind == Kind.TICK) & (neuron >= self.spiked) & (neuron < sizes.neurons)
        passed = (out.kind == self.under_way.kind) & (out.address == self.under_way.address)
        is_right = self.busy & Mux(own, in_order, passed)
        assume(m, "the tile takes an event when it has done with the last", ~(tile.input.ready & self.busy))
        if sends_rightly:
            assume(m, "the tile sends its spikes in order, then the event", ~tile.output.valid | is_right)
            held = tile.output.valid & (Value.cast(out) == before)
            assume(m, "the tile holds what is stalled", ~waited | held)
        self.marks = self.busy & (self.under_way.kind != Kind.SPIKE)


class Queue:
    """What is in the queue: the next to leave, which is a word that was read, then those in the memory."""

    def __init__(self, m: Module, inside: Inside, depth: int) -> None:
        consume, produce = inside.register("queue.consume"), inside.register("queue.produce")
        level, ready = inside.register("queue.inner_level"), inside.register("queue.r_rdy")
        after = Mux(consume + level >= depth - 1, consume + level - (depth - 1), consume + level)
        helper(m, "the queue is in order", (level < depth) & (consume < depth - 1) & (produce == after))
        self.words = [Value.cast(inside.read_data("queue.storage"))]
        self.there = [Value.cast(ready)]
        for place in range(depth - 1):
            at = Mux(consume + place >= depth - 1, consume + place - (depth - 1), consume + place)
            self.words.append(Value.cast(inside.memory("queue.storage", at[: len(consume)])))
            self.there.append(level > place)
        self.level = level + ready
        self.marks = [there & word[0] for there, word in zip(self.there, self.words, strict=True)]


def _settings_hold(m: Module, core: Any) -> None:
    settings = Value.cast(core.registers)
    fixed = Signal(len(settings), name="settings_of_this_run")
    m.d.comb += fixed.eq(AnyConst(len(settings)))
    assume(m, "the settings hold still", settings == fixed)


def steps(m: Module, core: Any, inside: Inside) -> None:
    """What comes in goes to the tile if it has a row for it, and a mark if it is of the tile's step."""
    tile = AnyTile(m, core, inside, sends_rightly=False)
    event, given = core.input.payload, core.tile.input.payload
    accepted = core.input.valid & core.input.ready
    restart, step = Signal(name="restart_due"), Signal.like(core.registers.step, name="step_now")
    faults = Signal(COUNTER_WIDTH, name="faults_counted")
    is_mark, known = (
        event.kind == Kind.TICK,
        (event.kind == Kind.SPIKE) & (event.address < core.params.tile.axons),
    )
    with m.If(accepted & (event.kind == Kind.RESTART)):
        m.d.sync += restart.eq(1)
    with m.If(accepted & is_mark):
        m.d.sync += [restart.eq(0), step.eq(Mux(restart | (step + 1 >= core.registers.steps), 0, step + 1))]
    useless = accepted & ~is_mark & ~known & (event.kind != Kind.RESTART)
    with m.If(useless & ~faults.all()):
        m.d.sync += faults.eq(faults + 1)
    own = step == core.registers.step
    claim(m, "the tile is given what is accepted", accepted & (known | is_mark), when=tile.takes)
    spike = tile.takes & (given.kind == Kind.SPIKE) & (given.address == event.address)
    claim(m, "it is given every spike that it has a row for", spike, when=accepted & known)
    restarts = tile.takes & (given.kind == Kind.RESTART) & (given.address == 0)
    claim(m, "it is restarted at the mark", restarts, when=accepted & is_mark & restart)
    ticks = tile.takes & (given.kind == Kind.TICK) & (given.address == 0)
    claim(m, "it is given the mark of its step", ticks, when=accepted & is_mark & ~restart & own)
    claim(m, "it is given no other mark", ~tile.takes, when=accepted & is_mark & ~restart & ~own)
    claim(m, "nothing is accepted while the tile is busy", ~tile.busy, when=accepted)
    claim(m, "faults are counted", core.counters.faults == faults)
    helper(m, "the step", (inside.register("step") == step) & (inside.register("restart") == restart))
    cover(m, "a mark of another step, then the tile's", ticks & (step == 1))
    cover(m, "two faults", faults == 2)


def door(m: Module, core: Any, inside: Inside) -> None:
    """Of any spike of the tile, and all marks: each leaves once, and in order."""
    _settings_hold(m, core)
    tile = AnyTile(m, core, inside, sends_rightly=True)
    sizes, out = core.params.tile, core.output
    queue = Queue(m, inside, sizes.neurons + 2)
    accepted = core.input.valid & core.input.ready & (core.input.payload.kind == Kind.TICK)
    left = out.valid & out.ready
    leaves_mark = left & (out.payload.kind == Kind.TICK)
    came, gone_marks = Signal(4, name="marks_accepted"), Signal(4, name="marks_left")
    m.d.sync += [came.eq(came + accepted), gone_marks.eq(gone_marks + leaves_mark)]

    picked, gone = Signal(name="followed"), Signal(name="followed_left")
    neuron, number = Signal(range(sizes.neurons), name="neuron"), Signal(4, name="mark_before")
    ahead = Signal(range(sizes.neurons + 3), name="ahead")
    pick = Signal(name="pick")
    m.d.comb += pick.eq(AnySeq(1))
    with m.If(left & picked & ~gone):
        m.d.sync += [ahead.eq(ahead - 1), gone.eq(ahead == 0)]
    with m.If(pick & ~picked & tile.spikes & tile.sends):
        m.d.sync += [picked.eq(1), number.eq(came), ahead.eq(queue.level - left)]
        m.d.sync += neuron.eq(core.tile.output.payload.address - sizes.axons)

    sent, gone_spikes = Signal(4, name="spikes_sent"), Signal(4, name="spikes_left")
    leaves_spike = left & (out.payload.kind == Kind.SPIKE)
    m.d.sync += [sent.eq(sent + (tile.spikes & tile.sends)), gone_spikes.eq(gone_spikes + leaves_spike)]
    is_spike = out.valid & (out.payload.kind == Kind.SPIKE)
    claim(m, "no more spikes leave than the tile has sent", gone_spikes != sent, when=is_spike)

    its_turn = picked & ~gone & (ahead == 0) & out.valid
    key = (core.registers.base + neuron)[: core.params.key_width]
    is_it = (out.payload.kind == Kind.SPIKE) & (out.payload.address == key)
    claim(m, "a spike leaves under its key, in its turn", is_it, when=its_turn)
    claim(m, "it leaves after the marks before its tick's", gone_marks == number, when=its_turn)
    passes = picked & out.valid & (out.payload.kind == Kind.TICK) & (gone_marks == number)
    claim(m, "the mark of its tick leaves after it", gone, when=passes)
    is_event = (out.payload.kind == Kind.TICK) | (out.payload.kind == Kind.SPIKE)
    claim(m, "spikes and marks leave, and nothing else", is_event, when=out.valid)
    no_more = (out.payload.kind != Kind.TICK) | (gone_marks != came + 1)
    claim(m, "one mark more leaves than has come", no_more, when=out.valid)
    stalled, before = Signal(name="stalled"), Signal.like(Value.cast(out.payload), name="before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), before.eq(out.payload)]
    claim(m, "what is stalled holds", out.valid & (Value.cast(out.payload) == before), when=stalled)

    begun = inside.register("begun")
    marks = sum(queue.marks[1:], queue.marks[0])
    helper(m, "marks", (gone_marks + marks - (came + begun - tile.marks))[:4] == 0)
    waiting = sum(there & ~word[0] for there, word in zip(queue.there, queue.words, strict=True))
    helper(m, "spikes", (gone_spikes + waiting - sent)[:4] == 0)
    helper(
        m,
        "nothing came before it began",
        (came == 0) & (sent == 0) & ~tile.busy & ~picked & (queue.level == 0),
        when=~begun,
    )
    waits = picked & ~gone
    word = Array(queue.words)[ahead + ~queue.there[0]]
    helper(m, "it is where it should be", (word[1:] == neuron) & ~word[0] & (ahead < queue.level), when=waits)
    between = sum(Mux(ahead + ~queue.there[0] > place, mark, 0) for place, mark in enumerate(queue.marks))
    helper(m, "marks ahead of it", (gone_marks + between - number)[:4] == 0, when=waits)
    cover(m, "two spikes of a tick leave, then its mark", passes & (neuron == 0) & (number == 2))
    cover(m, "a spike waits behind a mark", waits & (ahead == 2))


def room(m: Module, core: Any, inside: Inside) -> None:
    """Where a mark comes only when as many have left, the queue always has room: the tile never waits."""
    _settings_hold(m, core)
    tile = AnyTile(m, core, inside, sends_rightly=True)
    sizes, out = core.params.tile, core.output
    queue = Queue(m, inside, sizes.neurons + 2)
    offered = core.input.valid & (core.input.payload.kind == Kind.TICK)
    accepted = offered & core.input.ready
    owed = Signal(2, name="marks_left_and_not_accepted")
    leaves_mark = out.valid & out.ready & (out.payload.kind == Kind.TICK)
    m.d.sync += owed.eq(owed + leaves_mark - accepted)
    assume(m, "a mark comes when one has left that is not answered", ~offered | (owed > 0))
    begun = inside.register("begun")
    claim(m, "the tile never waits", core.tile.output.ready, when=core.tile.output.valid)
    claim(m, "nothing waits but for the tile", core.input.ready, when=begun & core.tile.input.ready)
    marks = sum(queue.marks[1:], queue.marks[0])
    helper(m, "one mark is somewhere", owed + marks + tile.marks == begun)
    last = [
        queue.marks[n] | ~queue.there[n] | Cat(queue.there[n + 1 :]).any() for n in range(len(queue.words))
    ]
    helper(m, "a mark is the last in the queue", Cat(last).all(), when=~tile.marks)
    helper(m, "spikes of one tick", queue.level <= tile.spiked, when=tile.marks)
    helper(m, "and their mark", queue.level <= tile.spiked + 1, when=~tile.marks)
    helper(m, "nothing is there before it began", ~tile.busy & (queue.level == 0) & (owed == 0), when=~begun)
    helper(m, "there are so many neurons", tile.spiked <= sizes.neurons)
    cover(m, "all spikes of a tick, and its mark, wait", queue.level == sizes.neurons + 1)


SMALL = Params(
    TileParams(neuron=NEURON, neurons=2, axons=2, synapses=2, weight_width=2), key_width=2, step_width=2
)

SIZES = "a node of 2 neurons, 2 axons and 4 keys, with any settings"

HOLD_STILL = f"{SIZES}, which hold still. Assumed: the tile does as is proved of it"

PROOFS = (
    Proof(
        broken.NODE,
        "steps",
        "The tile is given every spike that it has a row for, the mark of its own step of each tick, and "
        "RESTART at the mark that follows it; no other mark, and no event while it is busy. What has no row "
        f"is counted; for {SIZES}. Assumed: the tile takes an event when it has done with the last.",
        SMALL,
        steps,
        (
            broken.EVERY_STEP,
            broken.RESTART_IS_A_TICK,
            broken.RESTART_COUNTS,
            broken.NOT_WAITED_FOR,
            broken.UNCOUNTED,
        ),
        depth=14,
        bit_level=True,
    ),
    Proof(
        broken.NODE,
        "door",
        "Every spike of the tile leaves once, under its key and in its turn, after the marks before its "
        "tick's and before that one; one mark leaves for each that came, and one before; nothing else "
        f"leaves; for {HOLD_STILL}.",
        SMALL,
        door,
        (
            broken.NO_FIRST_MARK,
            broken.PASSED_ON,
            broken.NO_BASE,
            broken.DROPPED_ON_FULL,
            broken.MARK_DROPPED,
            broken.TICK_OVERTAKES,
            broken.DOUBLED_ON_STALL,
        ),
        depth=16,
        bit_level=True,
    ),
    Proof(
        broken.NODE,
        "room",
        "The queue has room for all that a tile sends: the tile never waits, and the door takes whatever the "
        f"tile can; for {HOLD_STILL}, and the router gives a mark when it has taken the one before.",
        SMALL,
        room,
        (broken.SHALLOW,),
        depth=16,
        bit_level=True,
    ),
)
