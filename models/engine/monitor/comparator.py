"""The first difference of each comparison in two whole streams."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.monitor.comparator import Params, outputs
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `monitor.comparator`."""
    actual, expected = inputs["actual"]["data"], inputs["expected"]["data"]
    compare = inputs["actual"]["compare"] == 1
    comparison = np.cumsum(~compare)  # the records of one comparison have one number
    differs = np.flatnonzero(compare & (actual != expected))
    numbers, first = np.unique(comparison[differs], return_index=True)
    at = differs[first]
    begins = np.concatenate(([0], np.flatnonzero(~compare) + 1))
    ports = outputs(params)
    index = (at - begins[numbers]).astype(np.uint64) & np.uint64((1 << params.index_width) - 1)
    return {
        "output": ports["output"].records(actual),
        "report": ports["report"].records(index, expected[at], actual[at]),
    }
