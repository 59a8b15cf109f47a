"""Vectorised AXI4-Lite register bank: all writes, then all reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.bus.axi4_lite import CORE, Params
from spikelock.models.bus.register_space import Answer
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

from .register_history import held


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `bus.axi4_lite`."""
    aw, w, ar = (inputs[name] for name in ("aw", "w", "ar"))
    addresses = np.concatenate([aw["address"], ar["address"]]).astype(np.uint64)
    numbers = (addresses >> np.uint64(params.lane_bits)).astype(np.int64)
    writes = np.arange(len(numbers)) < len(aw)
    none = np.zeros(len(ar), np.int64)
    data = np.concatenate([w["data"].astype(np.uint64), none.astype(np.uint64)])
    word, exists, refused = held(params, numbers, writes, data, np.concatenate([w["strobe"], none]))
    response = np.select([~exists, refused], [Answer.NO_REGISTER, Answer.READ_ONLY], Answer.DONE)
    done = writes & (response == Answer.DONE)
    outputs = CORE.outputs(params)
    return {
        "b": outputs["b"].records(response[writes]),
        "r": outputs["r"].records(word[~writes], response[~writes]),
        "written": outputs["written"].records(numbers[done], word[done]),
    }
