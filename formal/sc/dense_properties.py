"""What is claimed of `sc.dense`: of its transactions and their cycles, and of its sums and neurons.

What a neuron should sum up is written out here for every synapse and step, with the numbers of all sources as
constants: registers that begin at their seeds in every tick give the same numbers in every tick. The layer
counts one step of a few synapses at a time; the helper invariants say that what it has counted is the part of
the whole that lies before the present step.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Module, Mux, Signal, Value, signed

from spikelock.models.fixed import Rounding
from spikelock.models.lfsr import LFSR
from spikelock.models.sc.dense import Product

from ..properties import Inside, assume, claim, cover, helper

STATES = ("GATHER", "FETCH", "COUNT", "SCALE", "STEP", "SEND")


class Tick:
    """A tick as its transactions show it: what has come, what has left, and whether neurons are at rest."""

    def __init__(self, m: Module, core: Any) -> None:
        params, given, out = core.params, core.input, core.output
        self.taken = Signal(range(params.inputs + 1), name="inputs_taken")
        self.sent = Signal(range(params.neurons), name="spikes_sent")
        self.values = [Signal.like(given.payload.value, name=f"value_{j}") for j in range(params.inputs)]
        self.fresh = Signal(init=1, name="expected_fresh")
        self.accepted, self.passed, self.ends = Signal(), Signal(), Signal()
        m.d.comb += [
            self.accepted.eq(given.valid & given.ready),
            self.passed.eq(out.valid & out.ready),
            self.ends.eq(self.passed & (self.sent == params.neurons - 1)),
        ]
        with m.If(self.accepted):
            m.d.sync += self.taken.eq(self.taken + 1)
            m.d.sync += [
                value.eq(Mux(self.taken == j, given.payload.value, value))
                for j, value in enumerate(self.values)
            ]
            with m.If(given.payload.restart):
                m.d.sync += self.fresh.eq(1)
        with m.If(self.passed):
            m.d.sync += self.sent.eq(self.sent + 1)
        with m.If(self.ends):
            m.d.sync += [self.taken.eq(0), self.sent.eq(0), self.fresh.eq(0)]


def transactions(m: Module, core: Any, inside: Inside) -> None:
    """A tick takes all its inputs, then sends all its spikes, at cycles that are known beforehand."""
    params, out, state = core.params, core.output, inside.in_state
    tick = Tick(m, core)
    all_in = tick.taken == params.inputs

    claim(m, "an input is accepted exactly while one is missing", core.input.ready == ~all_in)
    claim(m, "spikes leave when all inputs are there", all_in, when=out.valid)
    claim(m, "a spike says whether neurons were at rest", out.payload.restart == tick.fresh, when=out.valid)
    claim(m, "memories can always be loaded", core.load.ready)

    stalled, before = Signal(), Signal.like(Value.cast(out.payload), name="payload_before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), before.eq(Value.cast(out.payload))]
    claim(m, "a stalled spike holds", out.valid & (Value.cast(out.payload) == before), when=stalled)

    counting = params.length * params.input_rounds
    due = Array(
        1 + counting * (i // params.parallel + 1) + 3 * (i + 1) for i in range(params.neurons)
    )  # when spike i is out
    last = 1 + counting * params.neuron_rounds + 3 * params.neurons
    since = Signal(range(2 * last), name="cycles_since_last_input")
    with m.If(tick.accepted):
        m.d.sync += since.eq(1)
    with m.Elif(all_in & (~out.valid | out.ready)):
        m.d.sync += since.eq(since + 1)
    claim(m, "each spike is out at its cycle", since == due[tick.sent], when=out.valid)
    claim(m, "the tick ends in time", since <= last, when=all_in)

    invariants(m, core, inside, tick)
    index, turn, time = (inside.register(name) for name in ("index", "turn", "time"))
    rounds = Array(i // params.parallel for i in range(params.neurons))
    begun = 1 + counting * rounds[index] + 3 * index
    helper(m, "cycles while values are fetched", since == 1, when=state("FETCH"))
    in_count = begun + 1 + turn * params.length + time
    helper(m, "cycles while products are counted", since == in_count, when=state("COUNT"))
    helper(m, "cycles while a sum is scaled", since == begun + counting + 1, when=state("SCALE"))
    helper(m, "cycles while a neuron steps", since == begun + counting + 2, when=state("STEP"))
    helper(m, "cycles while a spike is sent", since == due[tick.sent], when=state("SEND"))

    cover(m, "a spike leaves in a tick without a restart", tick.passed & ~tick.fresh)
    cover(m, "the last spike is stalled", stalled & (tick.sent == params.neurons - 1))


def invariants(m: Module, core: Any, inside: Inside, tick: Tick) -> None:
    """How the state machine and its counters belong together."""
    params, state = core.params, inside.in_state
    index, place, turn, word, time, lane = (
        inside.register(name) for name in ("index", "place", "turn", "word", "time", "lane")
    )
    known = sum((state(name) for name in STATES), start=Value.cast(0))
    helper(m, "the state machine is in one of its states", known == 1)
    all_in = tick.taken == params.inputs
    helper(m, "inputs are gathered while some are missing", state("GATHER") == ~all_in)
    helper(m, "inputs are counted", tick.taken == turn * params.lanes + lane, when=state("GATHER"))
    helper(m, "no more inputs than there are", tick.taken <= params.inputs)
    helper(m, "the lane is one of the lanes", lane < params.lanes)
    helper(m, "the lane is 0 once all inputs are there", lane == 0, when=~state("GATHER"))
    helper(m, "the turn is one of the turns", turn < params.input_rounds)
    helper(m, "the turn begins at 0", turn == 0, when=~(state("GATHER") | state("COUNT")))
    helper(m, "the time is one of the stream", time < params.length)
    helper(m, "the time begins at 0", time == 0, when=~state("COUNT"))
    helper(m, "the neuron is one of the layer's", index < params.neurons)
    helper(m, "the place is that of the neuron", place == index % params.parallel)
    helper(m, "the first neurons are counted first", index == 0, when=state("GATHER") | state("FETCH"))
    helper(m, "neurons are counted in rounds", place == 0, when=state("COUNT"))
    helper(m, "the spike is that of the neuron", tick.sent == index, when=~state("SEND"))
    following = Mux(tick.sent == params.neurons - 1, 0, tick.sent + 1)
    helper(m, "the next neuron follows the spike", index == following, when=state("SEND"))
    helper(m, "a spike is one of the layer's", tick.sent < params.neurons)
    helper(m, "no spike leaves before all inputs are there", tick.sent == 0, when=~all_in)
    helper(m, "neurons are at rest as expected", inside.register("fresh") == tick.fresh)

    rounds = Array(i // params.parallel for i in range(params.neurons))
    words = rounds[tick.sent] * params.input_rounds
    counted = (words + params.input_rounds)[: len(word)]
    helper(m, "the weights begin anew", word == 0, when=state("GATHER") | state("FETCH"))
    helper(m, "the weights are those of the turn", word == words + turn, when=state("COUNT"))
    helper(m, "the weights are those of the next round", word == counted, when=_stepping(inside))


class Numbers:
    """The numbers of all sources at every step of a stream, one polynomial division after the other."""

    def __init__(self, params: Any) -> None:
        steps = range(params.length)
        self.inputs = [
            [_number(params.generator, params.sources.inputs.item(j), t) for t in steps]
            for j in range(params.inputs)
        ]
        self.synapses = [
            [
                [_number(params.generator, params.sources.synapses.item(i, j), t) for t in steps]
                for j in range(params.inputs)
            ]
            for i in range(params.neurons)
        ]


def _number(generator: LFSR, seed: int, steps: int) -> int:
    """The state of a register so many steps after its seed, bit by bit."""
    bits = [seed >> place & 1 for place in range(generator.width)]
    for _ in range(steps):
        if generator.kind == "galois":
            out = bits[0]
            bits = [*bits[1:], 0]
            bits = [bit ^ out if place in generator.taps else bit for place, bit in enumerate(bits)]
        else:
            fed_back = sum(bits[tap] for tap in generator.taps) % 2
            left = generator.kind == "fibonacci_left"
            bits = [fed_back, *bits[:-1]] if left else [*bits[1:], fed_back]
    return sum(bit << place for place, bit in enumerate(bits))


class Products:
    """Every product of the present tick: +1, 0 or −1 by neuron, input and step."""

    def __init__(self, core: Any, inside: Inside, tick: Tick, numbers: Numbers) -> None:
        params = core.params
        self.params = params
        self.rows = [
            inside.memory("weights", word) for word in range(params.input_rounds * params.neuron_rounds)
        ]
        self.of = [
            [
                [
                    self._product(
                        tick.values[j], self.weight(i, j), numbers.inputs[j][t], numbers.synapses[i][j][t]
                    )
                    for t in range(params.length)
                ]
                for j in range(params.inputs)
            ]
            for i in range(params.neurons)
        ]

    def weight(self, neuron: int, source: int) -> Any:
        """The record of a synapse, where it is loaded."""
        params = self.params
        word = neuron // params.parallel * params.input_rounds + source // params.lanes
        return self.rows[word][neuron % params.parallel * params.lanes + source % params.lanes]

    def total(self, neuron: int, turn: Any = None, time: Any = None) -> Value:
        """The sum of a neuron's products: all, or those before a step of a turn."""
        result: Any = Value.cast(0)
        for j, of_input in enumerate(self.of[neuron]):
            own = j // self.params.lanes
            for t, product in enumerate(of_input):
                done = 1 if turn is None else (own < turn) | ((own == turn) & (t < time))
                result = result + Mux(done, product, 0)
        return result

    def _product(self, value: Any, weight: Any, for_input: int, for_synapse: int) -> Value:
        if self.params.product is Product.XNOR:
            half = 1 << (self.params.width - 1)
            return (for_input < value + half) == (for_synapse < weight.value + half)
        both = (value > for_input) & (weight.magnitude > for_synapse)
        return Mux(both, Mux(weight.negative, -1, 1), 0)


class Expected:
    """State of one neuron by the specification: what its last step has left."""

    def __init__(self, m: Module, core: Any, inside: Inside, tick: Tick, neuron: Signal) -> None:
        of = core.params.neuron
        self.membrane = Signal(signed(of.width), name="expected_membrane")
        self.refractory = Signal(of.refractory_width, name="expected_refractory")
        self.random = Signal(16, init=of.seed, name="expected_random")
        self.spike = Signal(name="expected_spike")
        self.stepped = Signal(name="expected_stepped")
        self.steps = Signal()
        m.d.comb += self.steps.eq(inside.in_state("STEP") & (inside.register("index") == neuron))
        with m.If(tick.accepted & core.input.payload.restart):
            m.d.sync += self.random.eq(of.seed)
        with m.If(inside.in_state("STEP")):
            m.d.sync += self.random.eq(inside.wire("step.next_random"))
        with m.If(self.steps):
            m.d.sync += [
                self.stepped.eq(1),
                self.spike.eq(inside.wire("step.spike")),
                self.membrane.eq(inside.wire("step.next_membrane")),
                self.refractory.eq(inside.wire("step.next_refractory")),
            ]
        with m.If(tick.ends):
            m.d.sync += self.stepped.eq(0)


def population(m: Module, core: Any, inside: Inside) -> None:
    """At each tick a neuron takes one step from its own state, with the current of its products and bias."""
    params, registers = core.params, core.registers
    neuron = Signal(range(params.neurons), name="chosen_neuron")
    m.d.comb += neuron.eq(AnyConst(range(params.neurons)))
    assume(m, "the chosen neuron is one of the layer's", neuron < params.neurons)
    tick = Tick(m, core)
    under_way = (tick.taken > 0) | tick.accepted
    assume(m, "memories are not loaded while a tick is under way", ~(under_way & core.load.valid))
    numbers = Numbers(params)
    products = Products(core, inside, tick, numbers)
    expected = Expected(m, core, inside, tick, neuron)

    steps, index = expected.steps, inside.register("index")
    counted = Array(_signal(m, f"counted_{i}", products.total(i)) for i in range(params.neurons))
    summed = counted[index]
    if params.product is Product.XNOR:
        summed = 2 * summed - params.inputs * params.length
    exact = _rounded(params, summed * params.gain) + inside.memory("bias", index)
    current = Mux(
        exact > params.current.maximum,
        params.current.maximum,
        Mux(exact < params.current.minimum, params.current.minimum, exact),
    )
    for name, value in (
        ("current", current),
        ("membrane", Mux(tick.fresh, registers.rest, expected.membrane)),
        ("refractory", Mux(tick.fresh, 0, expected.refractory)),
        ("registers", Value.cast(registers)),
        ("random", expected.random),
    ):
        claim(m, f"a step has the neuron's {name}", inside.wire(name) == value, when=steps)
    leaves = core.output.valid & (tick.sent == neuron)
    spike = core.output.payload.spike
    claim(
        m, "what leaves is the spike of its step", expected.stepped & (spike == expected.spike), when=leaves
    )

    invariants(m, core, inside, tick)
    _state_invariants(m, core, inside, tick, expected, neuron)
    _memory_invariants(m, core, inside, tick, products, numbers)
    _sum_invariants(m, core, inside, products, counted)

    most = params.inputs * params.length
    cover(m, "all products of a neuron count", steps & (counted[index] == most))
    cover(m, "the current is at its upper end", steps & (exact > params.current.maximum))
    cover(m, "a spike in a tick that is not the first", leaves & spike & ~tick.fresh)
    cover(m, "a refractory step", steps & (expected.refractory == 1) & ~tick.fresh)


def _signal(m: Module, name: str, value: Any) -> Signal:
    result = Signal(Value.cast(value).shape(), name=name)
    m.d.comb += result.eq(value)
    return result


def _rounded(params: Any, value: Any) -> Any:
    """value / 2^shift, rounded."""
    quotient = value >> params.shift
    if params.rounding is Rounding.FLOOR:
        return quotient
    assert params.rounding is Rounding.NEAREST_EVEN, "proofs are of these"
    twice = 2 * (value - (quotient << params.shift))
    return quotient + ((twice > 1 << params.shift) | ((twice == 1 << params.shift) & quotient[0]))


def _state_invariants(
    m: Module, core: Any, inside: Inside, tick: Tick, expected: Expected, neuron: Signal
) -> None:
    """What the memory of neuron states holds, and what is read of it."""
    state, index = inside.in_state, inside.register("index")
    stored, read = inside.memory("neurons", neuron), inside.read_data("neurons")
    kept = (stored.membrane == expected.membrane) & (stored.refractory == expected.refractory)
    has_stepped = expected.stepped == (tick.sent > neuron) | (state("SEND") & (tick.sent == neuron))
    helper(m, "the neuron has stepped once it has its spike", has_stepped)
    helper(m, "the state of the neuron is stored", kept, when=expected.stepped | ~tick.fresh)
    at_hand = Value.cast(read) == Value.cast(stored)
    waits = (state("SCALE") | state("STEP")) & (index == neuron)
    helper(m, "the stored state is read for the step", at_hand, when=waits & ~tick.fresh)
    helper(m, "the LFSR", inside.register("random") == expected.random)
    mine = state("SEND") & (tick.sent == neuron)
    helper(m, "the spike is kept", inside.register("spike") == expected.spike, when=mine)


def _memory_invariants(
    m: Module, core: Any, inside: Inside, tick: Tick, products: Products, numbers: Numbers
) -> None:
    """What is read of values, weights and seeds, and what the registers of the sources hold."""
    params, counting = core.params, inside.in_state("COUNT")
    turn, word, index = inside.register("turn"), inside.register("word"), inside.register("index")
    values, weights = inside.read_data("values"), inside.read_data("weights")
    for j, value in enumerate(tick.values):
        row, lane = divmod(j, params.lanes)
        stored, now = inside.memory("values", row)[lane], counting & (turn == row)
        helper(m, f"value {j} is stored", stored == value, when=tick.taken > j)
        helper(m, f"value {j} is read", values[lane] == value, when=now)
        _source(m, inside, "input_seeds", row, lane, f"input_{lane}", now, numbers.inputs[j])
    for j in range(params.inputs, params.input_rounds * params.lanes):
        row, lane = divmod(j, params.lanes)
        idle = inside.memory("values", row)[lane]
        helper(m, f"value {j}, of no input, is 0", idle == 0)
        helper(m, f"value {j}, of no input, is read", values[lane] == 0, when=counting & (turn == row))
    for i, of_neuron in enumerate(numbers.synapses):
        group, place = divmod(i, params.parallel)
        for j, of_synapse in enumerate(of_neuron):
            row, lane = group * params.input_rounds + j // params.lanes, j % params.lanes
            now, column = counting & (word == row), place * params.lanes + lane
            register = f"synapse_{place}_{lane}"
            _source(m, inside, "synapse_seeds", row, column, register, now, of_synapse)
    for row, loaded in enumerate(products.rows):
        same = Value.cast(weights) == Value.cast(loaded)
        helper(m, f"weights {row} are read", same, when=counting & (word == row))
    biases = inside.read_data("bias")
    helper(m, "the bias is read", biases == inside.memory("bias", index), when=inside.in_state("SCALE"))


def _source(
    m: Module,
    inside: Inside,
    seeds: str,
    row: int,
    column: int,
    register: str,
    now: Any,
    numbers: list[int],
) -> None:
    """While a source is counted, its seed is at hand, and its register has its number from step 1 on."""
    name = f"{register} in round {row}"
    helper(m, f"{name}: the seed", inside.memory(seeds, row)[column] == numbers[0])
    helper(m, f"{name}: the seed is read", inside.read_data(seeds)[column] == numbers[0], when=now)
    for t, number in enumerate(numbers[1:], 1):
        at = now & (inside.register("time") == t)
        helper(m, f"{name} at step {t}", inside.register(register) == number, when=at)


def _sum_invariants(m: Module, core: Any, inside: Inside, products: Products, counted: Array) -> None:
    """What has been counted is the part that lies before the present step."""
    params, state = core.params, inside.in_state
    index, place, turn, time = (inside.register(name) for name in ("index", "place", "turn", "time"))
    for p in range(params.parallel):
        total = inside.register(f"total_{p}")
        helper(m, f"total {p} begins at 0", total == 0, when=state("GATHER") | state("FETCH"))
        for i in range(params.neurons):
            first = i - p
            if first >= 0 and first % params.parallel == 0:
                part = products.total(i, turn, time)
                in_round = state("COUNT") & (index == first)
                helper(m, f"total {p} counts for neuron {i}", total == part, when=in_round)
            if first >= 0 and first // params.parallel == i // params.parallel:
                waits = state("SCALE") | state("STEP") | (state("SEND") & (place != 0))
                helper(
                    m, f"total {p} waits for neuron {i}", total == counted[i], when=waits & (index == first)
                )


def _stepping(inside: Inside) -> Value:
    return inside.in_state("SCALE") | inside.in_state("STEP") | inside.in_state("SEND")
