"""From probabilities and real values to the integers of an encoder, and back.

A stream of width bits of resolution carries p = x / 2^width (unipolar), or v = x / 2^(width−1) (bipolar).
Two quantisers are in use, and they differ: `nearest` is rint(p · 2^width), ties to even, and reaches p = 1
exactly; `truncate` is trunc(p · (2^width − 1)), whose largest value stands for 1 − 2^−width.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput, RangeError

Quantiser = Literal["nearest", "truncate"]


def unipolar(p: ArrayLike, width: int, quantiser: Quantiser = "nearest") -> NDArray[np.int64]:
    """Encoder values for probabilities, 0 … 1. Raises RangeError outside, or for NaN, naming the value."""
    exact = _checked("a probability", p, 0.0, 1.0)
    if quantiser == "nearest":
        return np.rint(exact * (1 << width)).astype(np.int64)
    if quantiser == "truncate":
        return np.trunc(exact * ((1 << width) - 1)).astype(np.int64)
    raise BadInput(f"quantiser {quantiser!r}: there are nearest and truncate")


def bipolar(v: ArrayLike, width: int, quantiser: Quantiser = "nearest") -> NDArray[np.int64]:
    """Encoder values for real numbers −1 … 1, by the quantiser of p = (v + 1)/2. Raises as `unipolar`."""
    return unipolar((_checked("a bipolar value", v, -1.0, 1.0) + 1) / 2, width, quantiser) - (
        1 << (width - 1)
    )


def _checked(what: str, given: ArrayLike, low: float, high: float) -> NDArray[Any]:
    values = np.asarray(given, float)
    wrong = ~((values >= low) & (values <= high))  # so that NaN is wrong
    if wrong.any():
        raise RangeError(f"{what} of {values[wrong].flat[0]}: it must be {low:g} … {high:g}")
    return values
