"""Vectorised comparator encoder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.encoder import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.encoder`."""
    given = inputs["input"]
    bits = np.zeros(len(given), np.uint64)
    for lane in range(params.lanes):
        value = configuration.registers[f"value{lane}"] if params.held else given[f"value{lane}"]
        ones = encode(params, lane, given["number"], value)
        bits |= ones.astype(np.uint64) << np.uint64(lane)
    return {"output": outputs(params)["output"].records(bits)}


def encode(
    params: Params, lane: int, numbers: NDArray[np.int64], values: NDArray[np.int64] | int
) -> NDArray[np.bool_]:
    """The stream of one lane: shape of `numbers`, (…, transactions)."""
    delay, rotation = params.delays[lane], params.rotations[lane]
    if delay:
        before = np.full((*numbers.shape[:-1], delay), (1 << params.width) - 1)
        numbers = np.concatenate([before, numbers], axis=-1)[..., : numbers.shape[-1]]
    high = numbers << rotation & (1 << params.width) - 1
    turned = high | numbers >> (params.width - rotation)
    if params.bipolar:
        turned = turned - (1 << (params.width - 1))
    below: NDArray[np.bool_] = turned < values
    return below
