"""Vectorised arbiter: of each input, what comes before the first mark that not all have.

Events that come at once are sorted: by input, or by how far it is around the circle.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.aer.arbiter import Params, Policy
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of an `aer.arbiter` that is split, or takes inputs together."""
    channels = [inputs[f"input{number}"] for number in range(params.inputs)]
    if params.together:
        return {"output": _in_turn(params.policy, np.stack(channels, axis=1))}
    marks = [np.flatnonzero(channel["kind"] == Kind.TICK) for channel in channels]
    steps = min(map(len, marks))
    outputs: dict[str, Records] = {}
    for number, (channel, at) in enumerate(zip(channels, marks, strict=True)):
        end = at[steps] if len(at) > steps else len(channel)
        merged = channel[:end].copy()
        merged[at[:steps]] = channels[0][marks[0][:steps]]
        outputs[f"output{number}"] = merged
    return outputs


def _in_turn(policy: Policy, events: Records) -> Records:
    """Events, shape (times, inputs), in the order in which they leave."""
    there = events["kind"] != Kind.TICK
    number = np.arange(there.shape[1])
    first = np.zeros(len(events), np.int64)
    if policy is Policy.ROUND_ROBIN:
        begins = 0
        for time, row in enumerate(there):
            first[time] = begins
            if row.any():
                begins += there.shape[1] - int(np.argmax(np.roll(row, -begins)[::-1]))
                begins %= there.shape[1]
    order = np.argsort((number - first[:, np.newaxis]) % there.shape[1], axis=1)
    return np.take_along_axis(events, order, 1)[np.take_along_axis(there, order, 1)]
