"""Vectorised gates: the bits of all lanes in one word, or of 64 steps in one word, at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.gate import Gate, Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.gate`."""
    words = [inputs["input"][name] for name in params.operands]
    bits = combine(params.gate, *words) & (1 << params.lanes) - 1
    return {"output": outputs(params)["output"].records(bits)}


def combine(gate: Gate, *operands: NDArray[np.integer]) -> NDArray[np.integer]:
    """The gate of every bit of integers of one type. Bits that were no operands may come out as ones."""
    a = operands[0]
    match gate:
        case Gate.NOT:
            return ~a
        case Gate.AND:
            return a & operands[1]
        case Gate.XNOR:
            return ~(a ^ operands[1])
        case Gate.OR:
            return a | operands[1]
        case Gate.XOR:
            return a ^ operands[1]
        case Gate.MUX:
            b, select = operands[1:]
            return b ^ ((a ^ b) & select)
