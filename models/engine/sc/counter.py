"""Vectorised counter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.counter import Params, outputs

from .lfsr import places


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.counter`."""
    place, again = places(inputs["request"]["restart"] != 0)
    start = np.where(again, configuration.registers["start"], params.start)
    return {"output": outputs(params)["output"].records(start + place & (1 << params.width) - 1)}
