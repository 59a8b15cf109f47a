"""Contents of a layer's memories, for the benches of `sc.dense` and `sc.tile`."""

from __future__ import annotations

import numpy as np

from spikelock.models.ports import Records
from spikelock.models.sc.dense import CORE, Params
from spikelock.testbenches.random_records import random_records


def random_contents(params: Params, random: np.random.Generator) -> dict[str, Records]:
    """Records of any bits; biases, and in half of them weights, are as often small as large.

    So currents are at the ends of their range in some, and follow the streams in others.
    """
    memories = {
        name: random_records(memory.layout, memory.depth, random)
        for name, memory in CORE.memories(params).items()
    }
    memories["bias"]["bias"] >>= random.integers(params.current.width)
    if random.random() < 0.5:
        smaller = random.integers(params.width)
        for name, records in memories.items():
            if name != "bias":
                field = "value" if "value" in params.weight.fields else "magnitude"
                records[field] >>= smaller
    return memories
