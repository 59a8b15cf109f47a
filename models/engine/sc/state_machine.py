"""Vectorised saturating state machine.

One step maps a state to clip(state ± 1, 0, top). Two such maps, one after the other, are again of the form
clip(state + shift, low, high), and composing them is associative. So the states of all steps come from
log2(steps) rounds of whole-array operations, a parallel prefix (W. D. Hillis and G. L. Steele, "Data parallel
algorithms", Communications of the ACM 29 (1986) 1170–1183), not step by step.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.state_machine import Params, outputs


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.state_machine`."""
    state = states(params, inputs["input"]["bit"])
    first, last = params.ones
    ones = (state >= first) & (state <= last)
    return {"output": outputs(params)["output"].records(ones.astype(np.int64))}


def states(params: Params, bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The state after each bit; shape of `bits`, (…, steps)."""
    shift = 2 * bits - 1
    low, high = np.zeros_like(shift), np.full_like(shift, params.states - 1)
    reach = 1
    while reach < bits.shape[-1]:
        # clip(clip(s + a, p, q) + b, m, n) = clip(s + a + b, clip(p + b, m, n), clip(q + b, m, n))
        a, p, q = (x[..., :-reach].copy() for x in (shift, low, high))
        b, m, n = (x[..., reach:].copy() for x in (shift, low, high))
        shift[..., reach:] = a + b
        low[..., reach:] = np.clip(p + b, m, n)
        high[..., reach:] = np.clip(q + b, m, n)
        reach *= 2
    result: NDArray[np.int64] = np.clip(params.states // 2 + shift, low, high)
    return result
