"""Vectorised encoder: the bits of all vectors at once, and a mark behind each row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.aer.encoder import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `aer.encoder`."""
    vectors = CORE.inputs(params)["vector"].pack(inputs["vector"])
    bits = np.unpackbits(vectors.astype("<u8").view(np.uint8), axis=1, bitorder="little")[:, : params.neurons]
    sent = np.hstack([bits, np.ones((len(bits), 1), bits.dtype)])
    steps, places = np.nonzero(sent)
    is_mark = places == params.neurons
    columns = {
        "kind": np.where(is_mark, Kind.TICK, Kind.SPIKE),
        "address": np.where(is_mark, 0, params.base + places),
        "tick": steps % (1 << params.event.tick_width),
    }
    port = CORE.outputs(params)["output"]
    return {"output": port.records(**{name: columns[name] for name in port.fields})}
