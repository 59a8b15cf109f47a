"""Proofs of `sc.dense`, and the broken cores that they catch.

They hold for the small layers below. No decision of the control depends on how many inputs, neurons or steps
there are, so nothing new is expected of larger ones, but it is for these that it is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spikelock.models.fixed import Rounding
from spikelock.models.mutant import Mutant
from spikelock.models.neurons.lif import Params as NeuronParams
from spikelock.models.sc.dense import Params, Product

from ..proof import Proof
from .dense_mutants import (
    ALWAYS_UP,
    CURRENT_WRAPS,
    DENSE,
    GAIN_AFTER_SHIFT,
    GOES_ON,
    IDLE_LANE_COUNTS,
    INPUT_LOST,
    KEEPS_TOTAL,
    LAST_INPUT_WAITS,
    NO_BIAS,
    ONE_STEP_SHORT,
    RESTART_FOR_EVER,
    RESTART_FORGETS_LFSR,
    RESTART_FORGOTTEN,
    SPIKE_DROPPED,
    STANDS_STILL,
    WRONG_TOTAL,
)
from .dense_properties import population, transactions

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
AND = Params(
    3,
    3,
    width=4,
    length=2,
    lanes=2,
    parallel=2,
    gain=3,
    shift=1,
    rounding=Rounding.NEAREST_EVEN,
    neuron=NEURON,
)
XNOR = Params(3, 2, Product.XNOR, width=4, length=2, lanes=2, neuron=NEURON, kind="galois")
SINGLE = Params(1, 1, Product.XNOR, width=3, length=1, neuron=NEURON, seeds=(6, 3))


def _proofs(
    name: str,
    properties: Callable[..., Any],
    says: str,
    layers: Mapping[str, tuple[Params, tuple[Mutant, ...]]],
) -> tuple[Proof, ...]:
    """The same properties of several layers, each with broken cores that it must catch."""

    def proof(its_name: str, params: Params, mutants: tuple[Mutant, ...]) -> Proof:
        of = (
            f"{params.inputs} inputs, {params.neurons} neurons of 4 bits, streams of {params.length} bits, "
            f"{params.lanes} × {params.parallel} synapses at a time, product {params.product.value}"
        )
        return Proof(
            DENSE, its_name, f"{says} Layer: {of}.", params, properties, mutants, depth=32, bit_level=True
        )

    return tuple(proof(f"{name}, {kind}", params, mutants) for kind, (params, mutants) in layers.items())


PROOFS = (
    *_proofs(
        "transactions",
        transactions,
        "Whatever stalls, every tick accepts each of its inputs once, then sends one spike for each neuron, "
        "in order, with the restart that the tick had; no input is accepted in between. Not counting cycles "
        "in which the output is stalled, each spike is out at the cycle that is promised.",
        {
            "and": (AND, (INPUT_LOST, SPIKE_DROPPED, LAST_INPUT_WAITS, ONE_STEP_SHORT)),
            "xnor": (XNOR, (INPUT_LOST,)),
            "a single synapse": (SINGLE, (RESTART_FORGOTTEN, RESTART_FOR_EVER)),
        },
    ),
    *_proofs(
        "neurons",
        population,
        "Of any neuron, weights and biases: at each tick it takes one step of `neurons.lif` from its own "
        "state, with the registers and the next LFSR states, and its current is the sum of all products of "
        "its streams, each bit of which is that of its source from its seed on, scaled, with its bias, "
        "saturated; a restart brings it to rest. Assumed: memories are not loaded while a tick is under way. "
        "The step itself is proved in `neurons.lif`.",
        {
            "and": (
                AND,
                (
                    NO_BIAS,
                    GOES_ON,
                    STANDS_STILL,
                    ALWAYS_UP,
                    ONE_STEP_SHORT,
                    WRONG_TOTAL,
                    KEEPS_TOTAL,
                    CURRENT_WRAPS,
                    GAIN_AFTER_SHIFT,
                ),
            ),
            "xnor": (XNOR, (IDLE_LANE_COUNTS, GOES_ON)),
            "a single synapse": (SINGLE, (RESTART_FORGETS_LFSR,)),
        },
    ),
)
