"""Proofs of `sc.tile`, and the broken cores that they catch.

The layer is cut out, and its place taken by anything at all: it takes inputs and gives spikes when it likes.
So what is proved here is what the tile adds; what the layer makes of its inputs is proved of `sc.dense`.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.fabric.tile import Kind
from spikelock.models.mutant import Mutant
from spikelock.models.neurons.lif import Params as NeuronParams
from spikelock.models.sc.dense import Params as DenseParams
from spikelock.models.sc.tile import Params

from ..fabric.tile_properties import UnderWay, same
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

TILE = "sc.tile"

LAST_INPUT_LOST = Mutant(
    "the last input is not given",
    TILE,
    "source == params.layer.inputs - 1",
    "source == params.layer.inputs - 2",
)
WRONG_SOURCE = Mutant(
    "inputs listen to the sources before theirs", TILE, "event.address - params.first", "event.address"
)
SPIKES_STAY = Mutant(
    "a spike counts for all ticks to come",
    TILE,
    "spiked.eq(spiked >> 1)",
    "spiked.eq(spiked.rotate_right(1))",
)
RESTART_KEEPS_SPIKES = Mutant("a restart forgets no spikes", TILE, " spiked.eq(0),", "")
RESTART_LOST = Mutant("a restart does not reach the layer", TILE, "restart.eq(1)", "restart.eq(0)")
RESTART_FOR_EVER = Mutant(
    "every tick restarts the layer", TILE, "source.eq(0), restart.eq(0)", "source.eq(0)"
)
UNKNOWN_IS_AXON = Mutant("a spike of no source is passed on", TILE, "Kind.FAULT", "Kind.SPIKE")
WRONG_ADDRESS = Mutant(
    "spikes have the address of the neuron before", TILE, "params.axons + neuron", "params.axons + neuron - 1"
)
TICK_OVERTAKES = Mutant(
    "the tick mark follows the first spike", TILE, "with m.If(neuron == 0):", "with m.If(1):"
)
SPIKE_DROPPED = Mutant(
    "a spike does not wait for the reader",
    TILE,
    'with m.If(self.output.ready):\n                    m.next = "TAKE"',
    'with m.If(1):\n                    m.next = "TAKE"',
)
SILENCE_COUNTS = Mutant(
    "silence is the least value above 0", TILE, "params.full_scale, 0)", "params.full_scale, 1)"
)
SECOND_SPIKE_CLEARS = Mutant(
    "a second spike takes the first one back",
    TILE,
    "spiked.bit_select(heard.as_unsigned(), 1).eq(1)",
    "spiked.eq(spiked ^ (1 << heard.as_unsigned()))",
)

SMALL = Params(
    DenseParams(
        4,
        3,
        width=5,
        length=2,
        neuron=NeuronParams(
            width=4,
            fraction=2,
            current_width=4,
            coefficient_width=4,
            leak_fraction=2,
            gain_fraction=2,
            threshold=4,
            leak=1,
            gain=4,
        ),
    ),
    axons=6,
    first=1,
)


class Layer:
    """Anything at all in the place of the layer, and what it has been given and has sent in this tick."""

    def __init__(self, m: Module, core: Any, inside: Inside, under_way: UnderWay) -> None:
        inside.cut("layer")
        params, layer = core.params, core.layer
        for free in (layer.input.ready, layer.output.valid, layer.output.payload, layer.load.ready):
            value = Value.cast(free)
            m.d.comb += value.eq(AnySeq(len(value)))
        self.given = Signal(range(params.layer.inputs + 1), name="inputs_given")
        self.taken = Signal(range(params.neurons + 1), name="spikes_taken")
        self.gives, self.takes = Signal(), Signal()
        self.due = Signal()
        self.due_address = Signal.like(core.output.payload.address, name="due_address")
        self.leaves = Signal()
        out = core.output
        m.d.comb += [
            self.gives.eq(layer.input.valid & layer.input.ready),
            self.takes.eq(layer.output.valid & layer.output.ready),
            self.leaves.eq(
                out.valid
                & self.due
                & (out.payload.kind == Kind.SPIKE)
                & (out.payload.address == self.due_address)
            ),
        ]
        with m.If(self.gives):
            m.d.sync += self.given.eq(self.given + 1)
        with m.If(self.leaves & out.ready):
            m.d.sync += self.due.eq(0)
        with m.If(self.takes):
            m.d.sync += [
                self.taken.eq(self.taken + 1),
                self.due.eq(layer.output.payload.spike),
                self.due_address.eq(params.axons + self.taken),
            ]
        with m.If(under_way.accepted):
            m.d.sync += [self.given.eq(0), self.taken.eq(0)]


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Events leave in order; the layer is given what has spiked, and its spikes leave before the mark."""
    params, out = core.params, core.output
    under_way = UnderWay(m, core)
    layer = Layer(m, core, inside, under_way)
    tick = under_way.is_a(Kind.TICK)
    all_given, all_taken = layer.given == params.layer.inputs, layer.taken == params.neurons

    claim(
        m,
        "an event is accepted only when none is under way, or as that one leaves",
        ~under_way.event | under_way.passed_on,
        when=under_way.accepted,
    )
    claim(
        m,
        "what leaves is the event under way, or a spike that is due",
        (under_way.event & same(out.payload, under_way.expected)) | layer.leaves,
        when=out.valid,
    )
    claim(
        m,
        "in a tick the layer is given its inputs, no more",
        tick & ~all_given & (layer.taken == 0),
        when=core.layer.input.valid,
    )
    claim(
        m,
        "then its spikes are taken, one when the one before has left",
        tick & all_given & ~all_taken & ~layer.due,
        when=core.layer.output.ready,
    )
    claim(
        m,
        "a tick mark leaves after all spikes",
        all_given & all_taken & ~layer.due,
        when=out.valid & (out.payload.kind == Kind.TICK),
    )
    stalled, before = Signal(), Signal.like(out.payload, name="payload_before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), before.eq(out.payload)]
    claim(m, "a stalled output holds", out.valid & same(out.payload, before), when=stalled)
    wired = Value.cast(core.layer.load.payload) == Value.cast(core.load.payload)
    claim(m, "loads reach the layer", wired & (core.layer.load.valid == core.load.valid))
    same_registers = Value.cast(core.layer.registers) == Value.cast(core.registers)
    claim(m, "registers reach the layer", same_registers)

    spiked = inputs(m, core, inside, under_way, layer)
    invariants(m, core, inside, under_way, layer)

    cover(m, "the chosen source has spiked", layer.gives & spiked)
    cover(m, "an unknown address becomes a fault", under_way.passed_on & (out.payload.kind == Kind.FAULT))
    cover(m, "the last neuron fires", layer.leaves & all_taken)
    cover(m, "a stalled spike", layer.leaves & stalled)
    cover(m, "a tick mark is passed on after a spike", under_way.passed_on & tick & (layer.due_address != 0))


def inputs(m: Module, core: Any, inside: Inside, under_way: UnderWay, layer: Layer) -> Signal:
    """Claims what the layer is given; returns whether the chosen source, which stands for any, has spiked.

    There are as many inputs as numbers of `chosen`.
    """
    params, event, given = core.params, core.input.payload, core.layer.input
    chosen = Signal(range(params.layer.inputs), name="chosen_input")
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    spiked, restart = Signal(name="chosen_has_spiked"), Signal(name="restart_is_due")
    with m.If(under_way.accepted):
        with m.If((event.kind == Kind.SPIKE) & (event.address == params.first + chosen)):
            m.d.sync += spiked.eq(1)
        with m.If(event.kind == Kind.RESTART):
            m.d.sync += [spiked.eq(0), restart.eq(1)]
    with m.If(layer.gives & (layer.given == params.layer.inputs - 1)):
        m.d.sync += [spiked.eq(0), restart.eq(0)]

    its_turn = given.valid & (layer.given == chosen)
    value = Mux(spiked, params.full_scale, 0)
    claim(
        m,
        "an input is at full scale if its source has spiked, or else 0",
        given.payload.value == value,
        its_turn,
    )
    claim(m, "a restart is in the tick that follows", given.payload.restart == restart, given.valid)

    register = inside.register("spiked")
    waits = ~under_way.is_a(Kind.TICK)
    helper(m, "spikes wait for a tick", register.bit_select(chosen, 1) == spiked, waits)
    left = layer.given <= chosen
    helper(
        m,
        "spikes move on",
        register.bit_select((chosen - layer.given)[: len(chosen)], 1) == spiked,
        ~waits & left,
    )
    helper(
        m,
        "what has been given is gone",
        (register >> (params.layer.inputs - layer.given).as_unsigned()) == 0,
        ~waits,
    )
    helper(m, "no spike is left", ~spiked, ~waits & (layer.given == params.layer.inputs))
    helper(m, "the restart waits", inside.register("restart") == restart)
    return spiked


def invariants(m: Module, core: Any, inside: Inside, under_way: UnderWay, layer: Layer) -> None:
    params, state = core.params, inside.in_state
    source, neuron = inside.register("source"), inside.register("neuron")
    tick = under_way.is_a(Kind.TICK)
    known = sum(
        (state(name) for name in ("IDLE", "FEED", "TAKE", "SEND", "MARK", "PASS")), start=Value.cast(0)
    )
    departing = Value.cast(inside.register("departing"))
    in_tick = state("FEED") | state("TAKE") | state("SEND") | state("MARK")

    helper(m, "the state machine is in one of its states", known == 1)
    helper(m, "nothing is under way when idle", under_way.event == ~state("IDLE"))
    helper(m, "only a tick has to do with the layer", tick, when=in_tick)
    helper(m, "what departs is the event", departing == Value.cast(under_way.expected), when=state("PASS"))
    marks = tick | under_way.is_a(Kind.RESTART)
    helper(m, "marks carry address 0", under_way.expected.address == 0, when=marks)
    helper(m, "a spike is due only when it is sent", layer.due == state("SEND"))
    helper(
        m,
        "the spike that is sent is due",
        (core.output.payload.kind == Kind.SPIKE) & (core.output.payload.address == layer.due_address),
        when=state("SEND"),
    )
    helper(m, "inputs are counted", (source == layer.given) & (layer.taken == 0), when=state("FEED"))
    helper(m, "the source is 0 otherwise", source == 0, when=~state("FEED"))
    given = layer.given == params.layer.inputs
    helper(m, "all inputs are given", given, when=tick & ~state("FEED"))
    helper(m, "one is missing", layer.given < params.layer.inputs, when=state("FEED"))
    helper(m, "spikes are counted", layer.taken == neuron, when=state("TAKE") | state("FEED"))
    in_send = layer.taken == Mux(neuron == 0, params.neurons, neuron)
    helper(m, "spikes are counted while one is sent", in_send, when=state("SEND"))
    helper(m, "the neuron is 0 otherwise", neuron == 0, when=~(state("TAKE") | state("SEND")))
    helper(m, "the neuron is one of the layer's", neuron < params.neurons)
    ends = state("MARK") | (tick & state("PASS"))
    helper(m, "all spikes are taken", layer.taken == params.neurons, when=ends)


PROOFS = (
    Proof(
        TILE,
        "events",
        "Whatever stalls and whatever the layer does, every event leaves exactly once and in order. A tick "
        "gives the layer a value for each input, full scale exactly where the source has spiked since the "
        "last mark, with a restart exactly after RESTART; it then takes the layer's spikes, and each leaves "
        "with its neuron's address, before the tick mark. Loads and registers reach the layer. A layer of 4 "
        "inputs and 3 neurons behind 6 axons.",
        SMALL,
        properties,
        (
            LAST_INPUT_LOST,
            WRONG_SOURCE,
            SPIKES_STAY,
            RESTART_KEEPS_SPIKES,
            RESTART_LOST,
            RESTART_FOR_EVER,
            UNKNOWN_IS_AXON,
            WRONG_ADDRESS,
            TICK_OVERTAKES,
            SPIKE_DROPPED,
            SILENCE_COUNTS,
            SECOND_SPIKE_CLEARS,
        ),
        depth=20,
        bit_level=True,
    ),
)
