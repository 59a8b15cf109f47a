"""Vectorised bridge: what arrives is what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.chiplet.bridge import Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.bridge`, of two that are joined; what the line does changes nothing."""
    return {"at_east": inputs["to_east"].copy(), "at_west": inputs["to_west"].copy()}
