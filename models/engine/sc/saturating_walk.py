"""Saturating counters, all steps at once.

One step maps a state to clip(state + shift, low, high). Two such maps, one after the other, are again of that
form, and composing them is associative. So the states of all steps come from log2(steps) rounds of
whole-array operations, a parallel prefix (W. D. Hillis and G. L. Steele, "Data parallel algorithms",
Communications of the ACM 29 (1986) 1170–1183), not step by step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def saturating_walk(
    shifts: NDArray[np.int64], start: int, lowest: int, highest: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The states before and after each step, where a step adds its shift; shapes of `shifts`, (…, steps)."""
    shift = shifts.copy()
    low, high = np.full_like(shift, lowest), np.full_like(shift, highest)
    reach = 1
    while reach < shifts.shape[-1]:
        # clip(clip(s + a, p, q) + b, m, n) = clip(s + a + b, clip(p + b, m, n), clip(q + b, m, n))
        a, p, q = (x[..., :-reach].copy() for x in (shift, low, high))
        b, m, n = (x[..., reach:].copy() for x in (shift, low, high))
        shift[..., reach:] = a + b
        low[..., reach:] = np.clip(p + b, m, n)
        high[..., reach:] = np.clip(q + b, m, n)
        reach *= 2
    after: NDArray[np.int64] = np.clip(start + shift, low, high)
    first = np.full_like(after[..., :1], start)
    return np.concatenate([first, after[..., :-1]], axis=-1), after
