"""Vectorised Sobol sequence: every value from its index, by the Gray code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.sobol import Params, outputs

from .lfsr import places


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.sobol`."""
    place, again = places(inputs["request"]["restart"] != 0)
    shift = np.where(again, configuration.registers["shift"], params.shift)
    return {"output": outputs(params)["output"].records(points(params, place) ^ shift)}


def points(params: Params, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the sequence without a shift, by index."""
    index = index % (1 << params.width)
    gray = index ^ index >> 1
    values = np.zeros_like(index)
    for bit, direction in enumerate(params.directions):
        values ^= (gray >> bit & 1) * direction
    return values
