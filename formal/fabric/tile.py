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
from .tile_mutants import (
    ADDRESS_OF_AXON,
    ENDLESS_WALK,
    EVENT_CHANGES,
    EVENT_DROPPED,
    EVENT_TAKEN_TWICE,
    LAST_SYNAPSE,
    NO_BIAS,
    RESTART_FORGETS_ACCUMULATORS,
    RESTART_FORGETS_LFSR,
    RESTART_TO_RESET,
    ROW_FOR_EVER,
    SPIKE_DROPPED,
    STALE_ACCUMULATOR,
    TICK_OVERTAKES,
    TILE,
    UNKNOWN_IS_AXON,
    WALK_WAITS,
    WEIGHT_LOST,
    WEIGHT_SIGN,
    WRONG_NEURON,
)
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
            EVENT_DROPPED,
            EVENT_TAKEN_TWICE,
            EVENT_CHANGES,
            TICK_OVERTAKES,
            SPIKE_DROPPED,
            ADDRESS_OF_AXON,
            UNKNOWN_IS_AXON,
            Mutant("a restart is not passed on", TILE, "with m.If(restarting):", "with m.If(0):"),
        ),
        (TICK_OVERTAKES,),
    ),
    *_pair(
        "progress",
        progress,
        "Not counting cycles in which the output is stalled, every event leaves within: n + 4 cycles, where "
        "rows have at most n synapses; 2·N + 3 for a tick over N neurons, and n + 4 more for each recurrent "
        "row; N + 1 for a restart. Events are accepted N cycles after reset.",
        (
            ENDLESS_WALK,
            WALK_WAITS,
        ),
        (ROW_FOR_EVER,),
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
            WEIGHT_SIGN,
            STALE_ACCUMULATOR,
            WEIGHT_LOST,
            LAST_SYNAPSE,
            NO_BIAS,
            WRONG_NEURON,
            RESTART_FORGETS_ACCUMULATORS,
            RESTART_FORGETS_LFSR,
            RESTART_TO_RESET,
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
