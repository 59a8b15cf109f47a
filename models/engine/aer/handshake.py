"""Vectorised handshake: what arrives is what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.aer.handshake import Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `aer.handshake`, of two ends that are joined; what wires do changes nothing."""
    return {"output": inputs["input"].copy()}
