"""Proofs of `fabric.tile`, and the broken cores that they catch.

They hold for the small tiles below. No decision of the control depends on how many neurons, axons or synapses
there are, so nothing new is expected of larger ones, but it is for these that it is proved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spikelock.models.fabric.tile import Params
from spikelock.models.fixed import Rounding
from spikelock.models.mutant import Mutant
from spikelock.models.neurons.lif import Params as NeuronParams

from ..proof import Proof
from .tile_population import population
from .tile_properties import events, progress

NEURON = NeuronParams(
    width=4,
    fraction=2,
    current_width=4,
    coefficient_width=4,
    leak_fraction=2,
    gain_fraction=2,
    refractory_width=2,
    rounding=Rounding.STOCHASTIC,
    threshold=4,
    leak=1,
    gain=4,
)
SMALL = Params(neuron=NEURON, neurons=3, axons=3, synapses=5, weight_width=2)
RECURRENT = Params(neuron=NEURON, neurons=2, axons=3, synapses=3, weight_width=2, recurrent=True)

TILE = "fabric.tile"


def _pair(
    name: str,
    properties: Callable[..., Any],
    says: str,
    mutants: tuple[Mutant, ...],
    recurrent_mutants: tuple[Mutant, ...],
) -> tuple[Proof, Proof]:
    """The same properties of a tile without and with recurrent rows."""

    def proof(its_name: str, sizes: Params, its_mutants: tuple[Mutant, ...]) -> Proof:
        tile = "A recurrent tile" if sizes.recurrent else "A tile"
        of = f"{sizes.neurons} neurons of 4 bits, {sizes.axons} axons, {sizes.synapses} synapses of 2 bits"
        where = f"{tile} of {of}, memories with any contents."
        return Proof(
            TILE, its_name, f"{says} {where}", sizes, properties, its_mutants, depth=30, bit_level=True
        )

    return proof(name, SMALL, mutants), proof(f"{name}, recurrent", RECURRENT, recurrent_mutants)


PROOFS = (
    *_pair(
        "events",
        events,
        "Whatever stalls, every event leaves exactly once and in order; in a tick each neuron steps once, "
        "its spike leaves before the next neuron's, and the tick mark leaves last.",
        (
            Mutant(
                "an event is dropped when the output is stalled",
                TILE,
                "with m.If(self.output.ready):\n                    m.d.sync += sweeping.eq(0)",
                "with m.If(1):\n                    m.d.sync += sweeping.eq(0)",
            ),
            Mutant(
                "an event is taken twice when the output is stalled",
                TILE,
                "self.input.ready.eq(1)",
                "self.input.ready.eq(self.output.ready)",
            ),
            Mutant(
                "an event that waits changes with the input",
                TILE,
                "self.output.payload.eq(departing)",
                "self.output.payload.eq(departing.as_value() ^ self.input.valid)",
            ),
            Mutant("the tick mark overtakes the last spike", TILE, "with m.Elif(last):", "with m.Else():"),
            Mutant(
                "a spike is dropped when the output is stalled",
                TILE,
                'with m.If(self.output.ready):\n                    m.next = "STEP"',
                'with m.If(1):\n                    m.next = "STEP"',
            ),
            Mutant("spikes have the address of an axon", TILE, "params.axons + index", "index"),
            Mutant(
                "the first unknown address is taken for an axon",
                TILE,
                "event.address < params.axons",
                "event.address <= params.axons",
            ),
            Mutant("a restart is not passed on", TILE, "with m.If(restarting):", "with m.If(0):"),
        ),
        (Mutant("the tick mark overtakes the last spike", TILE, "with m.Elif(last):", "with m.Else():"),),
    ),
    *_pair(
        "progress",
        progress,
        "Not counting cycles in which the output is stalled, every event leaves within: n + 5 cycles, where "
        "rows have at most n synapses; 2·N + 3 for a tick over N neurons, and n + 5 more for each recurrent "
        "row; N + 1 for a restart. Events are accepted N cycles after reset.",
        (
            Mutant("a walk never ends", TILE, "remaining.eq(remaining - 1)", "remaining.eq(remaining)"),
            Mutant(
                "a walk waits for the next input",
                TILE,
                "with m.Elif(~have_synapse & ~have_sum):",
                "with m.Elif(~have_synapse & ~have_sum & self.input.valid):",
            ),
        ),
        (
            Mutant(
                "the first recurrent row is delivered for ever",
                TILE,
                "fired_done.eq(fired_done + 1)",
                "fired_done.eq(fired_done)",
            ),
        ),
    ),
    *_pair(
        "neurons",
        population,
        "Of any neuron: at each tick it takes one step of `neurons.lif` from its own state, with the "
        "registers, the next LFSR states, and as current its bias and all weights delivered to it since the "
        "tick before, modulo 2^current_width. RESTART brings it, the sums and the LFSR to their states after "
        "reset. Assumed: memories are not loaded while an event is under way; rows in use lie within the "
        "synapse memory; the rest register holds still while neurons are cleared. The step itself is proved "
        "in `neurons.lif`.",
        (
            Mutant(
                "weights are subtracted",
                TILE,
                "accumulator_read.data + weight",
                "accumulator_read.data - weight",
            ),
            Mutant(
                "an accumulator is not cleared by a step",
                TILE,
                "accumulator_write.en.eq(1),\n                ]",
                "accumulator_write.en.eq(0),\n                ]",
            ),
            Mutant(
                "a target right after itself loses a weight",
                TILE,
                "transparent_for=(accumulator_write,)",
                "",
            ),
            Mutant(
                "the last synapse of a row is left out",
                TILE,
                "with m.Elif(~have_synapse & ~have_sum):",
                "with m.Elif(~have_sum):",
            ),
            Mutant(
                "the bias is not added",
                TILE,
                "accumulator_read.data + bias.data.bias",
                "accumulator_read.data",
            ),
            Mutant(
                "a neuron steps from the state of the one before",
                TILE,
                "neuron_read.addr.eq(following)",
                "neuron_read.addr.eq(index)",
            ),
            Mutant(
                "a restart forgets the accumulators",
                TILE,
                "m.d.comb += accumulator_write.en.eq(1)",
                "m.d.comb += accumulator_write.en.eq(0)",
            ),
            Mutant("a restart forgets the LFSR", TILE, ", random.eq(neuron.seed)]", "]"),
            Mutant(
                "a restart brings neurons to reset instead of rest",
                TILE,
                "neuron_write.data.membrane.eq(step.value.rest)",
                "neuron_write.data.membrane.eq(step.value.reset)",
            ),
        ),
        (
            Mutant(
                "only the first row of a tick is delivered", TILE, "with m.If(sweeping):", "with m.If(0):"
            ),
            Mutant(
                "a spike delivers the row of an axon",
                TILE,
                "rows.addr.eq(params.axons + fired_read.data)",
                "rows.addr.eq(fired_read.data)",
            ),
        ),
    ),
)
