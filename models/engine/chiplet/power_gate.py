"""Vectorised power gate: what comes back is what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.chiplet.power_gate import Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.power_gate`, joined to a die; requests change nothing."""
    return {f"output{n}": inputs[f"input{n}"].copy() for n in range(len(params.inward))}
