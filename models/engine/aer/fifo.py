"""Vectorised queue of events: what comes in leaves."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.aer.fifo import Params
from spikelock.models.core import Configuration
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `aer.fifo`."""
    return {"output": inputs["input"].copy()}
