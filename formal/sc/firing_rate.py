"""Proofs of `sc.firing_rate`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal

from spikelock.models.fixed import Overflow
from spikelock.models.mutant import Mutant
from spikelock.models.sc.firing_rate import Params

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

FIRING_RATE = "sc.firing_rate"

KEEPS_COUNTS = Mutant(
    "a window begins with the counts before", FIRING_RATE, "Mux(now == 0, 0, read.data)", "read.data"
)
IGNORES_RESTART = Mutant(
    "a restart is not heard", FIRING_RATE, "Mux(given.restart & (neuron == 0), 0, tick)", "tick"
)
RESTARTS_ANYWHERE = Mutant(
    "a restart counts in the midst of a tick", FIRING_RATE, "given.restart & (neuron == 0)", "given.restart"
)
STALE_COUNT = Mutant(
    "a count that has just been written is read as it was", FIRING_RATE, "transparent_for=(write,)", ""
)
NEIGHBOUR = Mutant(
    "a neuron is counted with its neighbour",
    FIRING_RATE,
    "read.addr.eq(neuron_ahead)",
    "read.addr.eq(neuron)",
)
COUNTS_IN_STALL = Mutant(
    "counts while a rate waits",
    FIRING_RATE,
    "taken.eq(self.input.valid & self.input.ready)",
    "taken.eq(self.input.valid)",
)
ONE_TICK_SHORT = Mutant(
    "a window is one tick short", FIRING_RATE, "now == params.window - 1", "now == max(0, params.window - 2)"
)
OTHER_OVERFLOW = Mutant(
    "a rate that does not fit wraps or saturates, the other way round",
    FIRING_RATE,
    "params.rate, params.overflow)",
    'params.rate, type(params.overflow)("wrap" if params.overflow.value == "saturate" else "saturate"))',
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each rate is that of its neuron and window, and the output is a stream."""
    params: Params = core.params
    given, out = core.input.payload, core.output
    took = Signal()
    m.d.comb += took.eq(core.input.valid & core.input.ready)

    neuron = Signal(range(params.neurons), name="expected_neuron")
    passed = Signal(range(params.window), name="ticks_passed")
    counts = [Signal(range(params.window + 1), name=f"expected_count_{i}") for i in range(params.neurons)]
    owed = Signal(name="rate_owed")
    wanted = Signal.like(out.payload.rate, name="expected_rate")
    tick = Signal.like(passed, name="tick_of_window")
    m.d.comb += tick.eq(Mux((neuron == 0) & given.restart, 0, passed))
    count = Mux(tick > 0, Array(counts)[neuron], 0) + given.spike
    exact = count * params.scale
    top = (1 << params.width) - 1
    fitted = exact & top if params.overflow is Overflow.WRAP else Mux(exact > top, top, exact)
    completes = tick + 1 == params.window
    with m.If(out.ready):
        m.d.sync += owed.eq(0)
    with m.If(took):
        m.d.sync += [owed.eq(completes), wanted.eq(fitted), neuron.eq(neuron + 1), passed.eq(tick)]
        m.d.sync += [one.eq(Mux(neuron == i, count, one)) for i, one in enumerate(counts)]
        with m.If(neuron + 1 == params.neurons):
            m.d.sync += [neuron.eq(0), passed.eq(Mux(completes, 0, tick + 1))]

    claim(m, "a rate is out exactly where one is owed", out.valid == owed)
    claim(m, "each rate is that of its neuron and window", out.payload.rate == wanted, out.valid)
    claim(m, "spikes are taken unless a rate waits", core.input.ready == (out.ready | ~out.valid))

    helper(m, "the neuron", (inside.register("neuron") == neuron) & (neuron < params.neurons))
    helper(m, "the tick", (inside.register("tick") == passed) & (passed < params.window))
    for i, one in enumerate(counts):
        begun = (passed > 0) | (neuron > i)
        helper(m, f"count {i} is stored", inside.memory("counts", i) == one, begun)
        done = passed + (neuron > i)
        helper(m, f"count {i} is one that so many ticks can reach", one <= done, begun)
        at_hand = (neuron == i) & (passed > 0)
        helper(m, f"count {i} is read", inside.read_data("counts") == one, at_hand)

    cover(m, "a rate of all ticks", out.valid & (wanted == fitted_of(params, params.window)))
    cover(m, "a restart in the midst of a window", took & given.restart & (passed > 0) & (neuron == 0))
    cover(m, "a stall", out.valid & ~out.ready & core.input.valid)


def fitted_of(params: Params, count: int) -> int:
    """The rate of a count that is known."""
    exact, most = count * params.scale, (1 << params.width) - 1
    return exact & most if params.overflow is Overflow.WRAP else min(exact, most)


def _proof(name: str, params: Params, *mutants: Mutant) -> Proof:
    return Proof(
        core=FIRING_RATE,
        name=name,
        says="Each rate is the spikes of its neuron in its window, scaled, for all spikes, restarts, stalls "
        f"and resets: {params.neurons} neurons, windows of {params.window} ticks, scale {params.scale}, "
        f"{params.width} bits that {params.overflow.value}.",
        params=params,
        properties=properties,
        mutants=mutants,
        depth=16,
        bit_level=True,
    )


PROOFS = (
    _proof(
        "three neurons",
        Params(3, 3, 3, 3),
        KEEPS_COUNTS,
        IGNORES_RESTART,
        RESTARTS_ANYWHERE,
        NEIGHBOUR,
        COUNTS_IN_STALL,
        ONE_TICK_SHORT,
        OTHER_OVERFLOW,
    ),
    _proof("one neuron", Params(1, 4, 2, 2, Overflow.SATURATE), STALE_COUNT, OTHER_OVERFLOW),
)
