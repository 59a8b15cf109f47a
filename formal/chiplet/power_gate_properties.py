"""What is claimed of `chiplet.power_gate`. Requests, the die, its supply and the reset are free at all times.

What a die shows is any values while it is isolated, on or off. While it is not, it is held to one rule, where
the proof says so: it is idle only if it holds no word, and one that holds none offers none.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnySeq
from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.chiplet.power_gate import FULL_RATE, State

from ..aer.queued import Followed
from ..properties import Inside, assume, claim, cover, helper


def before(m: Module, name: str, value: Any, init: int = 0) -> Signal:
    """The value in the cycle before; `init` after reset."""
    kept = Signal(len(Value.cast(value)), init=init, name=f"{name}_before")
    m.d.sync += kept.eq(Value.cast(value))
    return kept


def inward(m: Module, core: Any, inside: Inside) -> None:
    """A word of the first channel towards the die, any one."""
    source, sink, told = core.input0, core.inward0, core.control
    state = core.status.state
    taken, given = Signal(name="taken"), Signal(name="given")
    m.d.comb += [
        taken.eq(source.valid & source.ready),
        given.eq(sink.valid & sink.ready & told.clock),
    ]
    followed = Followed(m, taken, source.payload, given, sink.payload, 1)
    claim(m, "a stage holds one word at most", followed.held <= 1)
    claim(m, "a word that is held is offered to the die", sink.valid == (followed.held != 0), ~told.isolate)
    claim(m, "nothing is offered to a die that is isolated", ~sink.valid, when=told.isolate)
    claim(m, "no word is taken but when on", state == State.ON, when=source.ready)
    free = (state == State.ON) & ((followed.held == 0) | given)
    claim(m, "when on, a word is taken whenever there is room", source.ready, when=free)
    stalled = before(m, "stalled", sink.valid & ~given)
    same = sink.valid & (Value.cast(sink.payload) == before(m, "offered", sink.payload))
    claim(m, "what is offered stays until it is taken", same, when=stalled)

    _states(m, core, inside)
    helper(m, "held is said", inside.register("inward0.holds") == (followed.held != 0))
    kept = Value.cast(sink.payload) == followed.event
    alone = (followed.held == 1) & (followed.ahead == 0)
    helper(m, "what is held is what came", kept & alone, when=followed.under_way)
    helper(m, "nothing is held where nothing is seen", followed.held == 0, when=told.isolate)

    downs = _been_off(m, core)
    cover(m, "words before and after the die was off", followed.under_way & given & (downs != 0))
    waits = before(m, "waits", source.valid & ~source.ready & ~told.power)
    cover(m, "a word waits while the die is off", waits)
    cover(m, "a word leaves as the next comes", taken & given)
    cover(m, "a clock that stands still delays a word", sink.valid & sink.ready & ~told.clock)


def outward(m: Module, core: Any, inside: Inside) -> None:
    """A word of the first channel from the die, any one."""
    source, sink, told = core.outward0, core.output0, core.control
    taken, given = Signal(name="taken"), Signal(name="given")
    m.d.comb += [
        taken.eq(source.valid & source.ready & told.clock),
        given.eq(sink.valid & sink.ready),
    ]
    followed = Followed(m, taken, source.payload, given, sink.payload, 1)
    claim(m, "a stage holds one word at most", followed.held <= 1)
    claim(m, "a word that is held is offered, die or no die", sink.valid == (followed.held != 0))
    claim(m, "no word is taken from a die that is isolated", ~source.ready, when=told.isolate)
    room = ~told.isolate & ((followed.held == 0) | sink.ready)
    claim(m, "a word of the die is taken whenever there is room", source.ready, when=room)
    same = sink.valid & (Value.cast(sink.payload) == before(m, "offered", sink.payload))
    stalled = before(m, "stalled", sink.valid & ~sink.ready)
    claim(m, "what is offered stays until it is taken", same, when=stalled)

    _states(m, core, inside)
    kept = Value.cast(sink.payload) == followed.event
    alone = (followed.held == 1) & (followed.ahead == 0)
    helper(m, "what is held is what came", kept & alone, when=followed.under_way)

    downs = _been_off(m, core)
    cover(m, "words before and after the die was off", followed.under_way & given & (downs != 0))
    cover(m, "a word leaves while the die is off", given & followed.under_way & ~told.power)
    cover(m, "a word leaves as the next comes", taken & given)
    cover(m, "a clock that stands still delays a word", source.valid & source.ready & ~told.clock)


def switching(m: Module, core: Any, inside: Inside) -> None:
    """When a die is isolated, without power, in reset, and when it is back."""
    told, gated, on = core.control, core.gated, core.registers.on
    state = core.status.state
    channels = range(len(core.params.inward))
    into = [getattr(core, f"inward{n}") for n in channels]
    out_of = [getattr(core, f"outward{n}") for n in range(len(core.params.outward))]
    takes = Cat(one.valid & one.ready for one in into).any() & told.clock
    holds = Signal(name="die_holds_a_word")  # any number; it lets go of them when it likes
    with m.If(told.clock):
        m.d.sync += holds.eq(takes | (holds & AnySeq(1)))
    offers = Cat(one.valid for one in out_of).any()
    assume(m, "a die is idle, and silent, only without words", told.isolate | holds | ~offers)
    assume(m, "a die that holds a word is not idle", told.isolate | ~holds | ~gated.idle)

    waits = Cat(one.valid for one in into).any()
    isolated, switched = before(m, "isolated", told.isolate, 1), before(m, "power", told.power, 1)
    begins, ends = told.isolate & ~isolated, ~told.isolate & isolated
    was = before(m, "conditions", Cat(~on, gated.idle, ~waits, ~takes, ~offers))
    lost = told.isolate | told.reset | ~told.power
    claim(m, "nothing is held by a die that is isolated, reset or off", ~holds, when=lost)
    claim(m, "nothing is on its way to a die that is isolated", ~waits, when=told.isolate)
    claim(m, "isolation begins when drained, and to be off", was.all(), when=begins)
    claim(m, "power is off only in isolation, a cycle later", told.isolate & isolated, when=~told.power)
    gone = ~before(m, "powered", gated.powered)
    claim(m, "power comes back when the supply has gone", gone, when=told.power & ~switched)
    claim(m, "a reset is only in isolation", told.isolate, when=told.reset)

    resets = Signal(range(core.params.reset_cycles + 2), name="clocks_in_reset")
    in_reset = told.power & gated.powered & told.reset
    m.d.sync += resets.eq(Mux(in_reset & told.clock, resets + 1, 0))
    claim(m, "isolation ends after a whole reset", resets == core.params.reset_cycles, when=ends)
    claim(m, "and then at once", ~told.isolate, when=resets == core.params.reset_cycles)
    claim(m, "the clock runs in a reset with a supply", told.clock, when=in_reset)
    claim(m, "else it stands still in isolation", ~told.clock, when=told.isolate & ~in_reset)

    past = before(m, "state", state, State.WAKE)
    asked, idle = before(m, "on", on), before(m, "idle", gated.idle & ~waits)
    claim(m, "a die that shall be off is drained", state == State.DRAIN, (past == State.ON) & ~asked)
    claim(m, "a drain is called off", state == State.ON, when=(past == State.DRAIN) & asked)
    claim(m, "a drain ends once the die is idle", told.isolate, when=(past == State.DRAIN) & ~asked & idle)
    claim(m, "after isolation power goes", ~told.power, when=past == State.ISOLATED)
    wakes = (past == State.OFF) & asked & gone
    claim(m, "a die that shall be on gets power", told.power & told.reset, when=wakes)
    kept = (past == State.ON) & asked
    claim(m, "a die that shall be on stays on", state == State.ON, when=kept)

    _states(m, core, inside)
    whole = Mux(ends, core.params.reset_cycles, 0)
    helper(m, "the reset is counted", resets == Mux(told.isolate, inside.register("resets"), whole))

    downs = _been_off(m, core)
    cover(m, "on again after it was off, with a word", takes & (downs == 1))
    cover(m, "off for the second time", ~told.power & (downs == 2))
    cover(m, "a drain is called off after a while", (state == State.ON) & (past == State.DRAIN) & holds)
    failed = before(m, "supply_failed", (resets == 1) & ~gated.powered)
    cover(m, "a supply that fails in a reset", failed & told.isolate)


def throttle(m: Module, core: Any, inside: Inside) -> None:
    """The clock, from any cycle on in which the die is not isolated, while the rate stays."""
    told, rate = core.control, core.registers.rate
    begun, cycles = Signal(name="begun"), Signal(range(FULL_RATE + 1), name="cycles")
    clocks, chosen = (Signal(range(FULL_RATE + 1), name=name) for name in ("clocks_run", "rate_chosen"))
    first = Signal(range(FULL_RATE), name="phase_at_first")
    phase = inside.register("phase")
    counts = Signal(name="counts")
    m.d.comb += counts.eq(begun & (rate == chosen) & ~told.isolate & (cycles != FULL_RATE))
    with m.If(counts):
        m.d.sync += [cycles.eq(cycles + 1), clocks.eq(clocks + told.clock)]
    with m.Else():
        m.d.sync += [begun.eq(AnySeq(1) & (rate <= FULL_RATE)), cycles.eq(0), clocks.eq(0), chosen.eq(rate)]
        m.d.sync += first.eq(phase + rate)
    asked, had = cycles * chosen, clocks * FULL_RATE
    claim(m, "of 16 cycles it runs in as many as asked for", clocks == chosen, when=cycles == FULL_RATE)
    evenly = (had < asked + FULL_RATE) & (asked < had + FULL_RATE)
    claim(m, "it runs evenly, never a clock ahead or behind", evenly, when=begun)
    claim(m, "at 16 and more it runs in each", told.clock, when=~told.isolate & (rate >= FULL_RATE))
    claim(m, "at 0 it stands still", ~told.clock, when=~told.isolate & (rate == 0))

    counted, downs = Signal(32, name="clocks_counted"), Signal(16, name="downs_counted")
    fell = before(m, "power", told.power, 1) & ~told.power
    m.d.sync += [counted.eq(counted + told.clock), downs.eq(downs + fell)]
    claim(m, "clocks are counted", core.counters.clocks == counted)
    claim(m, "each time that power goes is counted", core.counters.downs == (downs + fell)[:16])

    _states(m, core, inside)
    helper(m, "what is asked for is had or in the phase", had + phase == asked + first, when=begun)
    helper(m, "the cycles of a window", cycles <= FULL_RATE)
    helper(m, "the rate", chosen <= FULL_RATE, when=begun)
    cover(m, "5 of 16", (cycles == FULL_RATE) & (clocks == 5))
    cover(m, "all of 16", (cycles == FULL_RATE) & (clocks == FULL_RATE))
    cover(m, "a clock counted after the die was off", (downs == 1) & told.clock & ~told.isolate)


def isolation(m: Module, core: Any, inside: Inside) -> None:
    """Two gates that see the same, but for what their dies show in isolation: they do the same for ever."""
    other = type(core)(core.params)
    twin = Inside(other)
    m.submodules.twin = twin.fragment
    m.d.comb += [other.registers.eq(core.registers), other.gated.powered.eq(core.gated.powered)]
    seen = ~core.control.isolate
    for n in range(len(core.params.inward)):
        mine, its = getattr(core, f"input{n}"), getattr(other, f"input{n}")
        m.d.comb += [its.payload.eq(mine.payload), its.valid.eq(mine.valid)]
        ready = getattr(core, f"inward{n}").ready
        m.d.comb += getattr(other, f"inward{n}").ready.eq(Mux(seen, ready, AnySeq(1)))
    for n in range(len(core.params.outward)):
        m.d.comb += getattr(other, f"output{n}").ready.eq(getattr(core, f"output{n}").ready)
        mine, its = getattr(core, f"outward{n}"), getattr(other, f"outward{n}")
        bits = len(Value.cast(mine.payload))
        m.d.comb += [
            its.valid.eq(Mux(seen, mine.valid, AnySeq(1))),
            Value.cast(its.payload).eq(Mux(seen, Value.cast(mine.payload), AnySeq(bits))),
        ]
    m.d.comb += other.gated.idle.eq(Mux(seen, core.gated.idle, AnySeq(1)))

    claim(m, "what the die is told is the same", core.control == other.control)
    claim(m, "states are the same", core.status == other.status)
    claim(m, "counts are the same", core.counters == other.counters)
    for n in range(len(core.params.inward)):
        mine, its = getattr(core, f"input{n}"), getattr(other, f"input{n}")
        claim(m, f"words are taken alike, channel {n}", mine.ready == its.ready)
        mine, its = getattr(core, f"inward{n}"), getattr(other, f"inward{n}")
        claim(m, f"the dies are offered words alike, channel {n}", mine.valid == its.valid)
        claim(m, f"the dies are offered the same words, channel {n}", mine.payload == its.payload, mine.valid)
        helper(m, f"no word is held in isolation, channel {n}", ~mine.valid, when=~seen)
    for n in range(len(core.params.outward)):
        mine, its = getattr(core, f"output{n}"), getattr(other, f"output{n}")
        claim(m, f"words are offered alike, channel {n}", mine.valid == its.valid)
        claim(m, f"the same words are offered, channel {n}", mine.payload == its.payload, when=mine.valid)
    for name in ("power", "isolate", "reset", "state", "phase", "resets"):
        helper(m, f"register {name}", inside.register(name) == twin.register(name))
    _states(m, core, inside)

    downs = _been_off(m, core)
    moved = core.inward0.valid & core.inward0.ready & core.control.clock
    cover(m, "a word after dies that showed different things", moved & (downs != 0))
    differ = core.outward0.valid & ~other.outward0.valid & ~core.gated.idle & other.gated.idle
    cover(m, "different dies", differ & core.output0.ready & ~core.control.power)
    cover(m, "different dies in a reset", differ & core.control.clock & core.control.reset)


def _states(m: Module, core: Any, inside: Inside) -> None:
    """Helpers: what is told agrees with the state."""
    state, told = core.status.state, core.control
    helper(m, "states there are", state <= State.WAKE)
    helper(m, "power by state", told.power == (state != State.OFF))
    helper(m, "isolation by state", told.isolate == (state != State.ON) & (state != State.DRAIN))
    helper(m, "reset by state", told.reset == ((state == State.OFF) | (state == State.WAKE)))
    helper(m, "no reset is counted but in WAKE", inside.register("resets") == 0, when=state != State.WAKE)
    helper(m, "the count of resets", inside.register("resets") < core.params.reset_cycles)


def _been_off(m: Module, core: Any) -> Signal:
    """How often the die has been without power, at most 3."""
    downs = Signal(2, name="downs_seen")
    fell = before(m, "power_for_downs", core.control.power, 1) & ~core.control.power
    with m.If(fell & (downs != 3)):
        m.d.sync += downs.eq(downs + 1)
    return downs
