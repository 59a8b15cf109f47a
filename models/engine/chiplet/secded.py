"""Vectorised SECDED: parity by a table of columns, errors by a table of syndromes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from spikelock.models.chiplet.secded import Params, outputs
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

UNCORRECTABLE, CHECK, NONE = -1, -2, -3


def _columns(params: Params) -> NDArray[np.int64]:
    bits = params.check_bits
    found: list[int] = []
    for weight in range(3, bits + 1, 2):
        found += sorted(sum(1 << place for place in places) for places in combinations(range(bits), weight))
    return np.array(found[: params.width], np.int64)


def _parity(params: Params, data: NDArray[np.uint64]) -> NDArray[np.int64]:
    places = np.arange(params.width, dtype=np.uint64)
    ones = (data[:, None] >> places & np.uint64(1)).astype(np.int64)
    parity: NDArray[np.int64] = np.bitwise_xor.reduce(ones * _columns(params), axis=1)
    return parity


def corrected(
    params: Params,
    sent: NDArray[np.uint64],
    flips: NDArray[np.uint64],
    check_flips: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.bool_], NDArray[np.bool_]]:
    """What becomes of words of which the line changes bits; which were put right; which cannot be."""
    came = sent ^ flips
    syndrome = _parity(params, came) ^ _parity(params, sent) ^ check_flips
    meaning = np.full(1 << params.check_bits, UNCORRECTABLE)
    meaning[_columns(params)] = np.arange(params.width)
    meaning[1 << np.arange(params.check_bits)] = CHECK
    meaning[0] = NONE
    wrong = meaning[syndrome]
    in_data = wrong >= 0
    came[in_data] ^= np.uint64(1) << wrong[in_data].astype(np.uint64)
    return came, in_data | (wrong == CHECK), wrong == UNCORRECTABLE


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.secded`."""
    sent, flips = (inputs["input"][name].astype(np.uint64) for name in ("data", "flips"))
    came, right, wrong = corrected(params, sent, flips, inputs["input"]["check_flips"])
    port = outputs(params)["output"]
    return {"output": port.records(came.astype(port.dtype["data"]), _parity(params, sent), right, wrong)}
