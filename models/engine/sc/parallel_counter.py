"""Vectorised accumulative parallel counter: the sums of all windows at once.

Ones are never negative, so a count that saturates on the way ends as the sum, cut off once at the end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.parallel_counter import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.parallel_counter`."""
    given = inputs["input"]
    counts = windows(np.bitwise_count(given["bits"]).astype(np.int64), given["last"] != 0)
    counts = np.minimum(counts, params.most)
    return {"output": outputs(params)["output"].records(counts, (counts == params.most).astype(np.int64))}


def windows(ones: NDArray[np.int64], last: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The sum of each complete window; last: the transactions that end one."""
    ends = np.flatnonzero(last)
    if not len(ends):
        return np.zeros(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    sums: NDArray[np.int64] = np.add.reduceat(ones[: ends[-1] + 1], starts)
    return sums
