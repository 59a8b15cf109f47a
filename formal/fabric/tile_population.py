"""What is claimed of the neurons of `fabric.tile`: of one of them, which stands for any.

What the neuron should have accumulated is added up here from the rows of the synapse memory, in one go when
an event is accepted. The tile adds one synapse at a time; the helper invariants say that what it has added
and what it still has to add make the whole, in every cycle.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Module, Mux, Signal, Value, signed

from spikelock.models.fabric.tile import Kind

from ..properties import Inside, assume, claim, cover, helper
from .tile_properties import Spikes, UnderWay, invariants, same


class Synapses:
    """The rows of the synapse memory, as they are loaded."""

    def __init__(self, core: Any, inside: Inside, neuron: Signal) -> None:
        params = core.params
        self.neuron = neuron
        self.rows = [inside.memory("rows", row) for row in range(params.rows)]
        self.synapses = [inside.memory("synapses", number) for number in range(params.synapses)]
        self.depth = params.synapses

    def row(self, source: Any) -> tuple[Value, Value]:
        """First synapse of the row of a source, and how many there are."""
        return Array(row.start for row in self.rows)[source], Array(row.length for row in self.rows)[source]

    def total(self, start: Any, length: Any) -> Value:
        """Sum of the weights, to the neuron, of `length` synapses from `start`."""
        return sum(
            (
                Mux((start <= j) & (j < start + length) & (word.target == self.neuron), word.weight, 0)
                for j, word in enumerate(self.synapses)
            ),
            start=Value.cast(0),
        )


class Expected:
    """State of the neuron by the specification: what it has accumulated, and what its last step has left."""

    def __init__(
        self, m: Module, core: Any, inside: Inside, under_way: UnderWay, spikes: Spikes, synapses: Synapses
    ) -> None:
        params, neuron = core.params, core.params.neuron
        event = core.input.payload
        current = signed(neuron.current_width)
        self.accumulated = Signal(current, name="expected_accumulated")
        self.for_next_tick = Signal(current, name="expected_for_next_tick")
        self.membrane = Signal(signed(neuron.width), name="expected_membrane")
        self.refractory = Signal(neuron.refractory_width, name="expected_refractory")
        self.random = Signal(16, init=neuron.seed, name="expected_random")
        self.steps = Signal()
        m.d.comb += self.steps.eq(spikes.stepping & (spikes.stepped == synapses.neuron))

        with m.If(under_way.accepted & (event.kind == Kind.SPIKE) & (event.address < params.axons)):
            start, length = synapses.row(event.address)
            assume(m, "rows lie within the synapse memory", start + length <= params.synapses)
            m.d.sync += self.accumulated.eq(self.accumulated + synapses.total(start, length))
        with m.If(spikes.stepping):
            m.d.sync += self.random.eq(inside.wire("step.next_random"))
        with m.If(self.steps):
            m.d.sync += [
                self.accumulated.eq(0),
                self.membrane.eq(inside.wire("step.next_membrane")),
                self.refractory.eq(inside.wire("step.next_refractory")),
            ]
        if params.recurrent:
            with m.If(spikes.stepping & spikes.fires):
                start, length = synapses.row(params.axons + spikes.stepped)
                assume(m, "recurrent rows lie within the synapse memory", start + length <= params.synapses)
                m.d.sync += self.for_next_tick.eq(self.for_next_tick + synapses.total(start, length))
            with m.If(under_way.passed_on & under_way.is_a(Kind.TICK)):
                m.d.sync += [self.accumulated.eq(self.for_next_tick), self.for_next_tick.eq(0)]
        with m.If(under_way.accepted & (event.kind == Kind.RESTART)):
            m.d.sync += [
                self.accumulated.eq(0),
                self.membrane.eq(core.registers.rest),
                self.refractory.eq(0),
                self.random.eq(neuron.seed),
            ]
        with m.If(inside.in_state("CLEAR") & ~under_way.event):  # after reset
            m.d.sync += self.membrane.eq(core.registers.rest)


def population(m: Module, core: Any, inside: Inside) -> None:
    """At each tick a neuron takes one step from its own state, with its bias and what was delivered to it."""
    params, registers = core.params, core.registers
    neuron = Signal(range(params.neurons), name="chosen_neuron")
    m.d.comb += neuron.eq(AnyConst(range(params.neurons)))
    assume(m, "the chosen neuron is one of the tile's", neuron < params.neurons)
    under_way = UnderWay(m, core)
    spikes = Spikes(m, core, inside, under_way)
    synapses = Synapses(core, inside, neuron)
    expected = Expected(m, core, inside, under_way, spikes, synapses)

    busy = under_way.event | under_way.accepted
    assume(m, "memories are not loaded while an event is under way", ~(busy & core.load.valid))
    fresh = Signal(init=1)
    rest_before = Signal.like(registers.rest, name="rest_before")
    m.d.sync += [fresh.eq(0), rest_before.eq(registers.rest)]
    still = fresh | ~inside.in_state("CLEAR") | (registers.rest == rest_before)
    assume(m, "rest holds still while neurons are cleared", still)

    bias = inside.memory("bias", neuron).bias
    steps = expected.steps
    current = (expected.accumulated + bias)[: params.neuron.current_width].as_signed()
    for name, value in (
        ("current", current),
        ("membrane", expected.membrane),
        ("refractory", expected.refractory),
        ("registers", Value.cast(registers)),
        ("random", expected.random),
    ):
        claim(m, f"a step has the neuron's {name}", inside.wire(name) == value, when=steps)

    invariants(m, core, inside, under_way, spikes)
    clearing = inside.in_state("CLEAR")
    for name, value in (
        ("accumulated", 0),
        ("for_next_tick", 0),
        ("refractory", 0),
        ("random", params.neuron.seed),
    ):
        expects = getattr(expected, name) == value
        helper(m, f"{name} while neurons are cleared", expects, when=clearing)
    at_rest = expected.membrane == rest_before
    helper(m, "membrane while neurons are cleared", at_rest, when=clearing & ~fresh)
    begins = clearing & ~under_way.event & (inside.register("index") == 0)
    helper(m, "clearing begins after reset", begins, when=fresh)
    _state_invariants(m, inside, under_way, spikes, expected, neuron)
    _sum_invariants(m, core, inside, under_way, spikes, synapses, expected)
    helper(m, "the bias is read for the step", inside.read_data("bias").bias == bias, when=steps)

    restarted = Signal()
    with m.If(under_way.passed_on & under_way.is_a(Kind.RESTART)):
        m.d.sync += restarted.eq(1)
    cover(m, "a step with what two synapses have delivered", steps & (expected.accumulated == -4))
    cover(m, "a step with nothing but a bias", steps & (expected.accumulated == 0) & (bias == 3))
    cover(m, "a step after a restart, at rest", steps & restarted & (expected.membrane == 3))
    cover(m, "a refractory step", steps & (expected.refractory == 1))
    if params.recurrent:
        cover(
            m, "spikes of a tick are delivered at the next", spikes.stepping & (expected.for_next_tick == 1)
        )


def _state_invariants(
    m: Module, inside: Inside, under_way: UnderWay, spikes: Spikes, expected: Expected, neuron: Signal
) -> None:
    """What the memory of neuron states holds, and what is read of it."""
    index, clearing = inside.register("index"), inside.in_state("CLEAR")
    stored, read = inside.memory("neurons", neuron), inside.read_data("neurons")
    kept = (stored.membrane == expected.membrane) & (stored.refractory == expected.refractory)
    helper(m, "the state of the neuron is stored", kept, when=~clearing | (index > neuron))
    helper(m, "the stored state is read for the step", same(read, stored), when=expected.steps)
    restart_begins = clearing & under_way.event & (index == 0)
    helper(m, "the LFSR", inside.register("random") == expected.random, when=~restart_begins)


def _sum_invariants(
    m: Module,
    core: Any,
    inside: Inside,
    under_way: UnderWay,
    spikes: Spikes,
    synapses: Synapses,
    expected: Expected,
) -> None:
    """What the accumulator holds, and what is still to be added to it, make what has been delivered."""
    params, state, neuron = core.params, inside.in_state, synapses.neuron
    index, sweeping = inside.register("index"), inside.register("sweeping")
    cursor, remaining = inside.register("cursor"), inside.register("remaining")
    have_synapse, have_sum = inside.register("have_synapse"), inside.register("have_sum")
    target, weight = inside.register("target"), inside.register("weight").as_signed()
    row, synapse = inside.read_data("rows"), inside.read_data("synapses")
    accumulator, read = inside.memory("accumulators", neuron), inside.read_data("accumulators")

    start, length = synapses.row(under_way.expected.address)
    waiting: Any = 0
    if params.recurrent:
        count, done = inside.register("fired_count"), inside.register("fired_done")
        fired = [inside.memory("fired", place) for place in range(params.neurons)]
        rows = [synapses.row(params.axons + source) for source in fired]
        waiting = sum(
            (
                Mux((done <= place) & (place < count), synapses.total(*its_row), 0)
                for place, its_row in enumerate(rows)
            ),
            start=Value.cast(0),
        )
        next_row = Array(fired)[done]
        for place, source in enumerate(fired):
            exists = place < count
            helper(m, f"place {place} names a neuron that fired", source < params.neurons, when=exists)
            first, synapses_of_it = rows[place]
            helper(
                m,
                f"the row of place {place} lies within the memory",
                first + synapses_of_it <= params.synapses,
                when=exists,
            )
        helper(
            m,
            "the next neuron that fired is read",
            inside.read_data("fired") == next_row,
            when=state("FIRED") & (done != count),
        )
        last_start, last_length = synapses.row(params.axons + Array(fired)[done - 1])
        start, length = Mux(sweeping, last_start, start), Mux(sweeping, last_length, length)
    helper(
        m,
        "the row is read",
        (row.start == start) & (row.length == length) & (start + length <= params.synapses),
        when=state("ROW"),
    )
    walking = state("WALK")
    helper(m, "the row ends in the memory", cursor + remaining <= params.synapses, when=walking)
    helper(m, "only a walk has synapses", walking, when=have_synapse | have_sum)
    helper(
        m,
        "the synapse is read",
        (cursor > 0) & same(synapse, Array(synapses.synapses)[cursor - 1]),
        when=have_synapse,
    )
    helper(
        m,
        "the accumulator is read",
        read == inside.memory("accumulators", target),
        when=have_sum,
    )
    to_add = Signal(signed(params.neuron.current_width + 4))
    with m.If(state("ROW")):
        m.d.comb += to_add.eq(synapses.total(row.start, row.length))
    with m.If(walking):
        m.d.comb += to_add.eq(
            synapses.total(cursor, remaining)
            + Mux(have_synapse & (synapse.target == neuron), synapse.weight, 0)
            + Mux(have_sum & (target == neuron), weight, 0)
        )
    whole = (accumulator + to_add + waiting) - (expected.accumulated + expected.for_next_tick)
    clear = ~state("CLEAR") | (index > neuron)
    helper(
        m,
        "what is stored and what is to be added make the whole",
        whole[: params.neuron.current_width] == 0,
        when=clear,
    )
    stepped = sweeping & (spikes.stepped > neuron)
    helper(m, "a step uses up what was delivered", expected.accumulated == 0, when=stepped)
    in_sweep = state("READ") | state("STEP") | state("SEND")
    helper(m, "nothing is added in a sweep", accumulator == expected.accumulated, when=in_sweep)
    helper(m, "the sum is read for the step", read == accumulator, when=expected.steps)
    helper(m, "sums for the next tick come from this one", expected.for_next_tick == 0, when=~sweeping)
