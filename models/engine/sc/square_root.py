"""Vectorised square root: the feedback goes step by step, all streams at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.square_root import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.square_root`."""
    given = inputs["input"]
    return {"output": outputs(params)["output"].records(root(params, given["bit"], given["number"]))}


def root(params: Params, bits: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The roots of streams, (…, steps), all by the same numbers, (steps,)."""
    top = (1 << params.width) - 1
    count = np.full(bits.shape[:-1], (top + 1) // 2)
    ones = np.zeros(bits.shape[:-1], np.bool_)
    out = np.zeros_like(bits)
    for step, number in enumerate(numbers.tolist()):
        before, ones = ones, count > number
        both = before & ones
        up, down = (bits[..., step] == 1) & ~both, (bits[..., step] == 0) & both
        count = count + (up & (count < top)) - (down & (count > 0))
        out[..., step] = ones
    return out
