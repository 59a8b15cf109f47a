"""What is claimed of `fabric.tile`.

Helper invariants say what the registers of the state machine can be in each of its states. They are claims
like
all others: proved, not assumed.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal, Value
from amaranth.lib import data

from spikelock.models.fabric.tile import Kind

from ..properties import Inside, claim, cover, helper


class UnderWay:
    """The event that has been accepted and not yet passed on, and what has to leave for it."""

    def __init__(self, m: Module, core: Any) -> None:
        event = core.input.payload
        self.accepted = Signal()
        self.passed_on = Signal()
        self.event = Signal(name="under_way")
        self.expected = Signal.like(core.output.payload, name="expected")
        m.d.comb += [
            self.accepted.eq(core.input.valid & core.input.ready),
            self.passed_on.eq(
                core.output.valid & core.output.ready & same(core.output.payload, self.expected)
            ),
        ]
        with m.If(self.passed_on):
            m.d.sync += self.event.eq(0)
        with m.If(self.accepted):
            m.d.sync += [
                self.event.eq(1),
                self.expected.kind.eq(event.kind),
                self.expected.address.eq(event.address),
            ]
            with m.If((event.kind == Kind.TICK) | (event.kind == Kind.RESTART)):
                m.d.sync += self.expected.address.eq(0)
            with m.If((event.kind == Kind.SPIKE) & (event.address >= core.params.axons)):
                m.d.sync += self.expected.kind.eq(Kind.FAULT)

    def is_a(self, kind: Kind) -> Value:
        """An event of that kind is under way."""
        return self.event & (self.expected.kind == kind)


class Spikes:
    """The tile's own spikes of a tick: how many neurons have stepped, and which spike has to leave next."""

    def __init__(self, m: Module, core: Any, inside: Inside, under_way: UnderWay) -> None:
        params = core.params
        out = core.output
        self.stepping = inside.in_state("STEP")
        self.fires = inside.wire("step.spike")
        self.stepped = Signal(range(params.neurons + 1))
        self.due = Signal()
        self.due_address = Signal.like(out.payload.address, name="due_address")
        self.leaves = Signal()
        m.d.comb += self.leaves.eq(
            out.valid
            & self.due
            & (out.payload.kind == Kind.SPIKE)
            & (out.payload.address == self.due_address)
        )
        with m.If(under_way.accepted):
            m.d.sync += self.stepped.eq(0)
        with m.If(self.leaves & out.ready):
            m.d.sync += self.due.eq(0)
        with m.If(self.stepping):
            m.d.sync += [
                self.stepped.eq(self.stepped + 1),
                self.due.eq(self.fires),
                self.due_address.eq(params.axons + self.stepped),
            ]


def events(m: Module, core: Any, inside: Inside) -> None:
    """Every event leaves exactly once and in order; a tick mark leaves after the spikes of its tick."""
    params, out = core.params, core.output
    under_way = UnderWay(m, core)
    spikes = Spikes(m, core, inside, under_way)

    claim(m, "an event is accepted only when none is under way", ~under_way.event, when=under_way.accepted)
    claim(
        m,
        "what leaves is the event under way, or a spike that is due",
        (under_way.event & same(out.payload, under_way.expected)) | spikes.leaves,
        when=out.valid,
    )
    claim(
        m,
        "in a tick each neuron steps once, in the order of addresses",
        under_way.is_a(Kind.TICK) & (inside.register("index") == spikes.stepped) & ~spikes.due,
        when=spikes.stepping,
    )
    claim(
        m,
        "a tick mark leaves after all neurons have stepped and all their spikes have left",
        (spikes.stepped == params.neurons) & ~spikes.due,
        when=out.valid & (out.payload.kind == Kind.TICK),
    )

    stalled = Signal()
    before = Signal.like(out.payload, name="payload_before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), before.eq(out.payload)]
    claim(m, "a stalled output holds", out.valid & same(out.payload, before), when=stalled)

    invariants(m, core, inside, under_way, spikes)

    cover(m, "an event with two synapses is passed on", under_way.passed_on & (_walked(m, inside) == 2))
    cover(
        m,
        "an unknown address is passed on as a fault",
        under_way.passed_on & (out.payload.kind == Kind.FAULT),
    )
    cover(m, "a restart is passed on", under_way.passed_on & (out.payload.kind == Kind.RESTART))
    cover(m, "a tick in which the last neuron fires", spikes.leaves & (spikes.stepped == params.neurons))
    cover(m, "a stalled spike", spikes.leaves & stalled)
    cover(m, "a tick mark is passed on", under_way.passed_on & (out.payload.kind == Kind.TICK))


def _walked(m: Module, inside: Inside) -> Signal:
    """Synapses read since the last time that no row was walked."""
    walked = Signal(2)
    with m.If(inside.in_state("IDLE")):
        m.d.sync += walked.eq(0)
    with m.If(inside.register("have_synapse")):
        m.d.sync += walked.eq(walked + 1)
    return walked


def invariants(m: Module, core: Any, inside: Inside, under_way: UnderWay, spikes: Spikes) -> None:
    params, state = core.params, inside.in_state
    departing = data.View(core.output.payload.shape(), inside.register("departing"))
    index = inside.register("index")
    sweeping, restarting = inside.register("sweeping"), inside.register("restarting")
    tick = under_way.is_a(Kind.TICK)
    delivering = state("ROW") | state("WALK")
    in_sweep = state("READ") | state("STEP") | state("SEND") | state("FIRED")
    finished = spikes.stepped == params.neurons
    known = sum((state(name) for name in STATES), start=Value.cast(0))

    helper(m, "the state machine is in one of its states", known == 1)
    helper(
        m,
        "nothing is under way when idle or clearing after reset",
        under_way.event == ~(state("IDLE") | (state("CLEAR") & ~restarting)),
    )
    helper(m, "a sweep is part of a tick", sweeping == tick)
    helper(m, "the sweep's states are part of a tick", tick, when=in_sweep)
    helper(m, "only a restart clears", under_way.is_a(Kind.RESTART), when=restarting)
    helper(m, "a restart clears", restarting | state("PASS"), when=under_way.is_a(Kind.RESTART))
    helper(m, "clearing", ~restarting | state("CLEAR"))
    a_row = under_way.is_a(Kind.SPIKE) | (tick if params.recurrent else 0)
    helper(m, "only spikes, and ticks of recurrent tiles, deliver rows", a_row, when=delivering)
    helper(
        m,
        "what departs is the event",
        same(departing, under_way.expected),
        when=under_way.event & (state("PASS") | ~tick),
    )
    helper(
        m,
        "marks carry address 0",
        under_way.expected.address == 0,
        when=tick | under_way.is_a(Kind.RESTART),
    )
    helper(m, "the index is that of a neuron", index < params.neurons)
    helper(
        m,
        "the index is 0 outside a sweep",
        index == 0,
        when=~(state("CLEAR") | state("STEP") | state("SEND")),
    )
    helper(m, "a spike is due only when it is sent", spikes.due == state("SEND"))
    helper(
        m,
        "the spike that is sent is due",
        (departing.kind == Kind.SPIKE) & (departing.address == spikes.due_address),
        when=state("SEND"),
    )
    helper(m, "steps are counted", spikes.stepped == index, when=state("READ") | state("STEP"))
    helper(
        m,
        "steps are counted while a spike is sent",
        spikes.stepped == Mux(index == 0, params.neurons, index),
        when=state("SEND"),
    )
    if params.recurrent:
        count, done = inside.register("fired_count"), inside.register("fired_done")
        helper(m, "neurons that have fired have stepped", count <= spikes.stepped, when=tick)
        helper(m, "no more rows are delivered than neurons have fired", done <= count)
        helper(m, "rows are delivered after the sweep", done == 0, when=~(state("FIRED") | delivering))
        helper(m, "no row waits outside a tick", count == 0, when=~tick | state("READ") | state("PASS"))
    helper(m, "all have stepped", finished, when=tick & (state("FIRED") | delivering | state("PASS")))


def progress(m: Module, core: Any, inside: Inside) -> None:
    """Every event leaves within a known number of cycles, not counting those in which the output is stalled.

    The proof counts down: each state has a greatest number of cycles to go, which falls in every cycle.
    """
    params, out, state = core.params, core.output, inside.in_state
    under_way = UnderWay(m, core)
    invariants(m, core, inside, under_way, Spikes(m, core, inside, under_way))
    index, remaining = inside.register("index"), inside.register("remaining")

    longest_row = (1 << len(remaining)) - 1
    of_row = longest_row + 4 if params.recurrent else 0  # FIRED, ROW, WALK
    of_neuron = 2 + of_row  # STEP, SEND, and its row
    limits = {
        Kind.SPIKE: longest_row + 4,
        Kind.TICK: params.neurons * of_neuron + 3,
        Kind.RESTART: params.neurons + 1,
        Kind.FAULT: 1,
    }
    most = max(limits.values())
    limit = Signal(range(most + 1))
    since = Signal(range(2 * most), name="cycles_since_accepted")
    with m.If(under_way.accepted):
        m.d.sync += [since.eq(1), limit.eq(Array(limits[kind] for kind in Kind)[core.input.payload.kind])]
    with m.Elif(~out.valid | out.ready):
        m.d.sync += since.eq(since + 1)
    claim(m, "an event leaves in time", since <= limit, when=under_way.event)

    fired: Any = 0
    if params.recurrent:
        fired = inside.register("fired_count") - inside.register("fired_done")
    ending = fired * of_row + 2  # rows of neurons that have fired, FIRED, PASS
    after_row = Mux(inside.register("sweeping"), ending, 1)
    walk = Mux(remaining > 0, remaining + 2, Mux(inside.register("have_synapse"), 2, 1))
    to_go = {
        "CLEAR": params.neurons - index + 1,
        "ROW": longest_row + 3 + after_row,
        "WALK": walk + after_row,
        "READ": 1 + params.neurons * of_neuron + ending,
        "STEP": (params.neurons - index) * of_neuron + ending,
        "SEND": 1 + Mux(index == 0, 0, params.neurons - index) * of_neuron + ending,
        "FIRED": ending,
        "PASS": 1,
    }
    for name, cycles in to_go.items():
        in_time = since + cycles <= limit + 1
        helper(m, f"in time in {name}", in_time, when=under_way.event & state(name))

    started = Signal(range(params.neurons + 2), name="cycles_since_reset")
    with m.If(~state("IDLE") & ~under_way.event):
        m.d.sync += started.eq(started + 1)
    claim(m, "events are accepted in time after reset", started <= params.neurons)
    helper(m, "clearing after reset", started == index, when=state("CLEAR") & ~under_way.event)

    leaves = under_way.passed_on & (since == limit)
    cover(m, "an event takes the longest time: a row", leaves & (out.payload.kind == Kind.SPIKE))
    cover(m, "an event takes the longest time: a restart", leaves & (out.payload.kind == Kind.RESTART))
    cover(m, "an event takes the longest time: a fault", leaves & (limit == limits[Kind.FAULT]))
    if not params.recurrent:
        cover(m, "an event takes the longest time: a tick", leaves & (out.payload.kind == Kind.TICK))


STATES = ("CLEAR", "IDLE", "ROW", "WALK", "READ", "STEP", "SEND", "FIRED", "PASS")


def same(a: Any, b: Any) -> Value:
    """Two records of one layout are equal."""
    return Value.cast(a) == Value.cast(b)
