"""Vectorised Wishbone register bank."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.bus.wishbone import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

from .register_history import held


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `bus.wishbone`."""
    request = inputs["request"]
    writes = request["write"] == 1
    numbers = (request["address"].astype(np.uint64) >> np.uint64(params.lane_bits)).astype(np.int64)
    data = request["data"].astype(np.uint64)
    word, exists, refused = held(params, numbers, writes, data, request["select"].astype(np.int64))
    return {
        "response": CORE.outputs(params)["response"].records(np.where(writes, 0, word), ~exists | refused)
    }
