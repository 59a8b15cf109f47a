"""Vectorised rectified linear unit: the feedback goes step by step, all streams at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.rectifier import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.rectifier`."""
    return {"output": outputs(params)["output"].records(rectified(params, inputs["input"]["bit"]))}


def rectified(params: Params, bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The streams as they go out; shape of `bits`, (…, steps)."""
    room = np.full(bits.shape[:-1], params.most)  # of the count, to its upper end
    out = np.ones_like(bits)
    for step in range(bits.shape[-1]):
        falls = (bits[..., step] == 0) & (room <= params.most)
        out[..., step] -= falls
        room = np.where(falls, room + 1, np.maximum(room - 1, 0))
    return out
