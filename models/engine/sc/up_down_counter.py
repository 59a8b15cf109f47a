"""Vectorised saturating up/down counter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.up_down_counter import Params, outputs

from .saturating_walk import saturating_walk


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.up_down_counter`."""
    given = inputs["input"]
    return {"output": outputs(params)["output"].records(counts(params, given["up"], given["down"]))}


def counts(params: Params, up: NDArray[np.int64], down: NDArray[np.int64]) -> NDArray[np.int64]:
    """The count after each step; shape of up and down, (…, steps)."""
    end = 1 << (params.width - 1)
    _, after = saturating_walk(up - down, 0, -end, end - 1)
    return after
