"""Seeds of the many shift registers of a layer, all different.

Of a layer of n inputs and m neurons, input j and the synapse from input j to neuron i begin at

    0xACE1 + 7·j    and    0xBEEF + 13·(i·n + j),    modulo 2^width

as in the dense layer of SC-NeuroCore 3.16.0. A seed of 0, from which no register ever leaves, and one that is
taken already, move on to the next number that is free; inputs come first, then synapses, neuron by neuron.
Two registers with one seed give one stream, and the product of a stream with itself is no product: so seeds
are checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError

INPUT_FIRST, INPUT_STEP = 0xACE1, 7
SYNAPSE_FIRST, SYNAPSE_STEP = 0xBEEF, 13


@dataclass(frozen=True, eq=False)
class Seeds:
    """inputs: shape (inputs,). synapses: shape (neurons, inputs)."""

    inputs: NDArray[np.int64]
    synapses: NDArray[np.int64]


@lru_cache(maxsize=16)
def published(width: int, inputs: int, neurons: int) -> Seeds:
    """Seeds by the rule above. Raises RangeError where there are not as many numbers of that width."""
    require_room(width, inputs, neurons)
    synapses = inputs * neurons
    wanted = chain(
        range(INPUT_FIRST, INPUT_FIRST + INPUT_STEP * inputs, INPUT_STEP),
        range(SYNAPSE_FIRST, SYNAPSE_FIRST + SYNAPSE_STEP * synapses, SYNAPSE_STEP),
    )
    mask = (1 << width) - 1
    taken, seeds = {0}, list[int]()
    for seed in wanted:
        seed &= mask
        while seed in taken:
            seed = (seed + 1) & mask
        taken.add(seed)
        seeds.append(seed)
    return _arranged(np.array(seeds, np.int64), inputs, neurons)


@lru_cache(maxsize=16)
def chosen(seeds: tuple[int, ...], width: int, inputs: int, neurons: int) -> Seeds:
    """Seeds of someone's choice: those of the inputs, then those of the synapses, neuron by neuron.

    Raises BadInput where they are too few or too many, or two are equal, RangeError where one does not fit.
    """
    needed = inputs + inputs * neurons
    if len(seeds) != needed:
        raise BadInput(
            f"{len(seeds)} seeds: {inputs} inputs and {neurons} neurons need {needed}, one for each input "
            "and each synapse"
        )
    for seed in (min(seeds), max(seeds)):
        if not 1 <= seed < 1 << width:
            raise RangeError(
                f"seed {seed}: a register of {width} bits starts with 1 … {(1 << width) - 1}; it never "
                "leaves 0"
            )
    for seed, following in pairwise(sorted(seeds)):
        if seed == following:
            raise BadInput(
                f"seed {seed} occurs twice: two streams from one seed are one stream, and not independent; "
                "every seed must be another"
            )
    return _arranged(np.array(seeds, np.int64), inputs, neurons)


def require_room(width: int, inputs: int, neurons: int) -> None:
    """Raises RangeError where there are fewer numbers of that width than registers."""
    needed = inputs + inputs * neurons
    if needed > (1 << width) - 1:
        raise RangeError(
            f"width = {width}: {inputs} inputs and {neurons} neurons need {needed} different seeds, and "
            f"there are {(1 << width) - 1}; a width of {needed.bit_length()} has enough"
        )


def _arranged(seeds: NDArray[np.int64], inputs: int, neurons: int) -> Seeds:
    seeds.flags.writeable = False
    return Seeds(seeds[:inputs], seeds[inputs:].reshape(neurons, inputs))
