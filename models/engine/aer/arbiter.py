"""Vectorised arbiter: of each input, what comes before the first mark that not all have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.aer.arbiter import Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of a split `aer.arbiter`."""
    channels = [inputs[f"input{number}"] for number in range(params.inputs)]
    marks = [np.flatnonzero(channel["kind"] == Kind.TICK) for channel in channels]
    steps = min(map(len, marks))
    outputs: dict[str, Records] = {}
    for number, (channel, at) in enumerate(zip(channels, marks, strict=True)):
        end = at[steps] if len(at) > steps else len(channel)
        merged = channel[:end].copy()
        merged[at[:steps]] = channels[0][marks[0][:steps]]
        outputs[f"output{number}"] = merged
    return outputs
