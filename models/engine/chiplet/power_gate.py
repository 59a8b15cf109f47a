"""Vectorised power gate: what comes back is what was sent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.chiplet.power_gate import Params, reports
from spikelock.models.core import Configuration
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.power_gate`, joined to a die; requests change no words."""
    found = {f"output{n}": inputs[f"input{n}"].copy() for n in range(len(params.inward))}
    asked = inputs["requests"]
    asked = asked[(asked["granted"] == 1) & (asked["on"] | (asked["rate"] != 0)).astype(bool)]
    on = asked["on"]
    clocks = on * np.clip(asked["rate"], 0, 16)
    return found | {"reports": reports(params).records(on, 1 - on, 1 - on, clocks, on * params.reset_cycles)}
