"""Proof of `aer.decoder`, and the broken cores that it catches. Events, stalls and resets are free."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.aer.decoder import Params
from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import decoder_mutants as broken

PARAMS = Params(neurons=3, base=2, event=Format(address_width=3, tick_width=1), count_width=2)
MOST = (1 << PARAMS.count_width) - 1


class Total:
    """How many there were in this step, up to `most`: now, and with the event that is taken."""

    def __init__(self, m: Module, name: str, counts: Any, ends: Any, most: int) -> None:
        self.before = Signal(range(most + 1), name=f"{name}_in_step")
        self.now = Signal(range(most + 1), name=f"{name}_with_this")
        m.d.comb += self.now.eq(Mux(counts & (self.before != most), self.before + 1, self.before))
        m.d.sync += self.before.eq(Mux(ends, 0, self.now))


def step(m: Module, core: Any, inside: Inside) -> None:
    """Each mark gives one vector: the neurons that spiked in its step; all else is counted, once."""
    source, sink, event = core.input, core.vector, core.input.payload
    neurons, base = PARAMS.neurons, PARAMS.base
    takes, is_mark, ends = Signal(name="takes"), event.kind == Kind.TICK, Signal(name="ends")
    m.d.comb += [takes.eq(source.valid & source.ready), ends.eq(takes & is_mark)]
    tick = Signal()
    m.d.sync += tick.eq(tick ^ ends)
    late = takes & (event.tick != tick)
    spike = takes & ~late & (event.kind == Kind.SPIKE)
    inside_ = (event.address >= base) & (event.address < base + neurons)
    fired = [Signal(name=f"fired{number}") for number in range(neurons)]
    for number, one in enumerate(fired):
        with m.If(ends):
            m.d.sync += one.eq(0)
        with m.Elif(spike & (event.address == base + number)):
            m.d.sync += one.eq(1)
    other = takes & ~late & ~is_mark & (event.kind != Kind.SPIKE)
    lates = Total(m, "late", late, ends, MOST)
    outside = Total(m, "outside", spike & ~inside_, ends, MOST)
    others = Total(m, "other", other, ends, MOST)
    spikes = Total(m, "spikes", spike & inside_, ends, MOST + neurons)  # doubled ones are those above

    distinct = sum(fired, start=Value.cast(0))
    doubled = spikes.before - distinct
    owed, expected = Signal(), Signal.like(Value.cast(sink.payload), name="expected")
    with m.If(sink.ready):
        m.d.sync += owed.eq(0)
    with m.If(ends):
        counts = (lates.now, outside.now, Mux(doubled >= MOST, MOST, doubled)[:2], others.now)
        m.d.sync += [owed.eq(1), expected.eq(Cat(*fired, *counts))]

    claim(m, "a vector is there exactly where a mark was taken", sink.valid == owed)
    claim(
        m, "it has the spikes and counts of its step", Value.cast(sink.payload) == expected, when=sink.valid
    )
    claim(m, "only a mark waits", source.ready == (~is_mark | ~sink.valid | sink.ready), when=source.valid)
    helper(m, "the spikes", inside.register("spikes") == Cat(*fired))
    helper(m, "the tick", inside.register("tick") == tick)
    for name, total in (("late", lates), ("outside", outside), ("other", others)):
        helper(m, f"count of {name}", inside.register(f"{name}_before") == total.before)
    helper(m, "doubled", inside.register("doubled_before") == Mux(doubled >= MOST, MOST, doubled))
    in_range = (spikes.before >= distinct) & (spikes.before <= MOST + neurons)
    helper(m, "as many as fired, at least", in_range)

    payload = sink.payload
    cover(m, "all neurons", sink.valid & (payload.spikes0 == 7) & (payload.doubled == 0))
    cover(m, "a doubled spike and one outside", sink.valid & (payload.doubled == 1) & (payload.outside == 1))
    cover(m, "a late mark", sink.valid & (payload.late == 1))
    cover(m, "a full count", sink.valid & (payload.other == MOST) & (others.before == 1))
    cover(m, "a mark waits", source.valid & is_mark & ~source.ready)


PROOFS = (
    Proof(
        broken.DECODER,
        "step",
        "Each mark gives one vector, whose bits are the neurons that spiked between the mark before and this "
        "one; every other event of the step is counted once: late, outside, doubled, or other; "
        f"{PARAMS.neurons} neurons, counts of {PARAMS.count_width} bits, any events, stalls and resets.",
        PARAMS,
        step,
        (
            broken.TICK_OVERTAKEN,
            broken.DROPPED_ON_FULL,
            broken.DOUBLED_ON_STALL,
            broken.DOUBLED_IS_HIDDEN,
            broken.ONE_MORE_NEURON,
            broken.COUNT_WRAPS,
            broken.COUNTS_GO_ON,
            broken.LATE_IS_SET,
        ),
        depth=9,
    ),
)
