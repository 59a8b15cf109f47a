"""Vectorised division of correlated streams: where a bit of the quotient comes from is an index."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.divider import Params, outputs

Bits = NDArray[np.int64]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.divider`."""
    given = inputs["input"]
    address = given["address"] if params.depth > 1 else np.zeros(len(given), np.int64)
    quotient = divided(params, given["dividend"], given["divisor"], address)
    return {"output": outputs(params)["output"].records(quotient)}


def divided(params: Params, dividend: Bits, divisor: Bits, address: Bits) -> Bits:
    """The quotient's streams; dividend and divisor of one shape, (…, steps), address (steps,)."""
    quotient = dividend.copy()
    for stream in np.ndindex(dividend.shape[:-1]):
        stored = divisor[stream] != 0
        # all bits that are ever in the register, the oldest first
        register = np.concatenate([np.arange(params.depth)[::-1] % 2, dividend[stream][stored]])
        latest = params.depth - 1 + np.cumsum(stored)
        quotient[stream] = np.where(stored, dividend[stream], register[latest - address])
    return quotient
