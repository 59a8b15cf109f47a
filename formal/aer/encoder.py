"""Proof of `aer.encoder`, and the broken cores that it catches. Vectors, stalls and resets are free."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value

from spikelock.models.aer.encoder import Params
from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import encoder_mutants as broken

PARAMS = Params(neurons=5, base=2, event=Format(address_width=3, tick_width=2))


def step(m: Module, core: Any, inside: Inside) -> None:
    """All spikes of a vector leave, each once, in the order of addresses; then the mark."""
    neurons, base = core.params.neurons, core.params.base
    source, sink = core.vector, core.output
    event = sink.payload
    vector = Signal(neurons, name="vector_taken")
    owed = Signal()  # a vector's mark
    passed = Signal(range(neurons + 1))  # neurons up to which all is sent
    ticks = Signal(2)
    is_mark = event.kind == Kind.TICK
    leaves = Signal()
    m.d.comb += leaves.eq(sink.valid & sink.ready)
    with m.If(leaves & ~is_mark):
        m.d.sync += passed.eq(event.address - base + 1)
    with m.If(leaves & is_mark):
        m.d.sync += [owed.eq(0), ticks.eq(ticks + 1)]
    with m.If(source.valid & source.ready):
        m.d.sync += [vector.eq(Value.cast(source.payload)), owed.eq(1), passed.eq(0)]

    neuron = Signal(range(8))
    between = Signal(neurons, name="unsent_below")
    unsent = Signal(neurons)
    m.d.comb += [
        neuron.eq(event.address - base),
        unsent.eq(vector & ~((1 << passed) - 1)),
        between.eq(unsent & ((1 << neuron) - 1)),
    ]
    spike_leaves = sink.valid & ~is_mark
    claim(m, "an event is there exactly where a vector is not done", sink.valid == owed)
    claim(m, "a vector is taken when none is left", source.ready == (~owed | (leaves & is_mark)))
    claim(m, "only spikes and marks", (event.kind == Kind.SPIKE) | is_mark, when=sink.valid)
    claim(m, "a spike of this vector", vector.bit_select(neuron, 1) & (event.address >= base), spike_leaves)
    claim(m, "not sent before", neuron >= passed, when=spike_leaves)
    claim(m, "in the order of addresses, none left out", ~between.any(), when=spike_leaves)
    claim(m, "the mark after all spikes", ~unsent.any(), when=sink.valid & is_mark)
    claim(m, "a mark has no address", event.address == 0, when=sink.valid & is_mark)
    claim(m, "the tick is the number of the vector", event.tick == ticks, when=sink.valid)
    stalled = Signal()
    before = Signal.like(Value.cast(event), name="offered_before")
    m.d.sync += [stalled.eq(sink.valid & ~sink.ready), before.eq(event)]
    claim(m, "what is offered holds", sink.valid & (Value.cast(event) == before), when=stalled)
    helper(m, "what remains", inside.register("remaining") == unsent, when=owed)
    helper(m, "nothing remains", inside.register("remaining") == 0, when=~owed)
    helper(m, "the tick", inside.register("tick") == ticks)
    same = (before[2:5] == event.address) & (before[:2] == event.kind)
    helper(m, "offered", same & (before[5:] == ticks), when=stalled)

    cover(m, "all neurons at once", leaves & vector.all() & (passed == neurons - 1))
    cover(m, "no neuron", leaves & is_mark & (vector == 0) & (ticks == 1))
    cover(m, "a vector is taken as the mark of another leaves", leaves & source.valid & source.ready)


PROOFS = (
    Proof(
        broken.ENCODER,
        "step",
        "Of each vector all spikes leave, each once, in the order of addresses, then one mark, and nothing "
        f"else; with the number of the vector; {PARAMS.neurons} neurons, any vectors, stalls and resets.",
        PARAMS,
        step,
        (
            broken.TICK_OVERTAKEN,
            broken.DROPPED_ON_FULL,
            broken.DOUBLED_ON_STALL,
            broken.ONE_OF_SEVERAL,
            broken.HIGHEST_FIRST,
            broken.BASE_FORGOTTEN,
            broken.TICK_OF_THE_NEXT,
        ),
        depth=12,
    ),
)
