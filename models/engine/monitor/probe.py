"""Captures found in a whole stream of samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.monitor.probe import Params, Trigger, outputs
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `monitor.probe`."""
    value, samples = configuration.registers, inputs["input"]
    port = outputs(params)["output"]
    captures = [np.zeros(0, port.dtype)]
    start = 0
    while value["arm"] and start < len(samples):
        hits = np.flatnonzero(_hits(params, value, samples[start:]))
        if not len(hits) or (end := start + int(hits[0]) + value["after"]) >= len(samples):
            break
        kept = samples["sample"][max(start, end + 1 - params.depth) : end + 1]
        from_end = np.arange(len(kept))[::-1]
        captures.append(port.records(kept, from_end == value["after"], from_end == 0))
        start = end + 1 if value["repeat"] else len(samples)
    return {"output": np.concatenate(captures)}


def _hits(params: Params, value: Mapping[str, int], samples: Records) -> NDArray[np.bool_]:
    """Which samples of a capture would be its trigger."""
    bits = samples["sample"].astype(np.uint64) & np.uint64(value["mask"])
    match: NDArray[np.bool_] = np.equal(bits, np.uint64(value["value"] & value["mask"]))
    if value["trigger"] == Trigger.EXTERNAL:
        return np.asarray(samples["external"] == 1)
    if value["trigger"] == Trigger.EDGE:
        return np.concatenate(([False], bits[1:] != bits[:-1]))
    if value["trigger"] == Trigger.VALUE:
        return match
    number = np.arange(len(samples))
    window = number - number % (value["window"] or 1 << params.rate_width)
    before = np.concatenate(([0], np.cumsum(match)))
    often: NDArray[np.bool_] = before[number + 1] - before[window] >= value["occurrences"]
    return match & often
