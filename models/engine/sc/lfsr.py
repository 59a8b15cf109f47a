"""Vectorised linear-feedback shift register: whole sequences at once.

All restarts begin the same sequence, so a value is found by how many requests ago the last restart was.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.lfsr import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.lfsr`."""
    values = sequence(params, configuration.registers["seed"], inputs["request"]["restart"] != 0)
    return {"output": outputs(params)["output"].records(values)}


def sequence(params: Params, seed: int, restarts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The values of successive requests; restarts: which of them begin anew, from `seed`."""
    place, again = places(restarts)
    values = params.generator.states(params.seed, len(restarts))[place]
    if again.any():
        repeated = params.generator.states(max(seed, 1), int(place[again].max()) + 1)
        values[again] = repeated[place[again]]
    return values


def places(restarts: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each request, its place in its sequence, from 0; and whether a restart has begun that sequence."""
    steps = np.arange(len(restarts))
    begun = np.maximum.accumulate(np.where(restarts, steps, -1))
    return steps - np.maximum(begun, 0), begun >= 0
