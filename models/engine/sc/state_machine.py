"""Vectorised saturating state machine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.state_machine import Params, outputs

from .saturating_walk import saturating_walk


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.state_machine`."""
    state = states(params, inputs["input"]["bit"])
    first, last = params.ones
    ones = (state >= first) & (state <= last)
    return {"output": outputs(params)["output"].records(ones.astype(np.int64))}


def states(params: Params, bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The state after each bit; shape of `bits`, (…, steps)."""
    _, after = saturating_walk(2 * bits - 1, params.states // 2, 0, params.states - 1)
    return after
