"""Vectorised shuffle buffer: what goes out is what came with the same address the time before."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.decorrelator import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.decorrelator`."""
    given = inputs["input"]
    return {"output": outputs(params)["output"].records(shuffled(params, given["bit"], given["address"]))}


def shuffled(params: Params, bits: NDArray[np.int64], addresses: NDArray[np.int64]) -> NDArray[np.int64]:
    """The streams as they go out, (…, steps), all by the same addresses, (steps,)."""
    order = np.argsort(addresses, kind="stable")  # by address, and by time among those of one
    sorted_ = addresses[order]
    again = np.concatenate([[False], sorted_[1:] == sorted_[:-1]])[: len(order)]
    out = bits.copy()
    stored = addresses < params.depth
    out[..., stored] = np.arange(params.depth)[addresses[stored]] % 2  # as after reset
    later, earlier = order[again], order[:-1][again[1:]]
    inside = sorted_[again] < params.depth
    out[..., later[inside]] = bits[..., earlier[inside]]
    return out
