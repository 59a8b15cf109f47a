"""Vectorised Halton sequence: every value from its index, a digit at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.halton import Params, outputs

from .lfsr import places


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.halton`."""
    place, _ = places(inputs["request"]["restart"] != 0)
    return {"output": outputs(params)["output"].records(points(params, place))}


def points(params: Params, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the sequence, by index."""
    digits = index[..., np.newaxis] // params.base ** np.arange(len(params.weights)) % params.base
    numbers: NDArray[np.int64] = digits @ np.array(params.weights)
    return numbers
