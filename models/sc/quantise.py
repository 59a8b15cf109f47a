"""From probabilities and real values to the integers of an encoder, and back.

A stream of width bits of resolution carries p = x / 2^width (unipolar), or v = x / 2^(width−1) (bipolar).
Two quantisers are in use, and they differ: `nearest` is rint(p · 2^width), ties to even, and reaches p = 1
exactly; `truncate` is trunc(p · (2^width − 1)), whose largest value stands for 1 − 2^−width. The products are
those of 64-bit floating point.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput, RangeError

Quantiser = Literal["nearest", "truncate"]

WIDEST = 53
"""Bits of a value: a floating-point number has no more."""


def unipolar(p: ArrayLike, width: int, quantiser: Quantiser = "nearest") -> NDArray[np.int64]:
    """Encoder values for probabilities, 0 … 1. Raises RangeError outside, or for NaN, naming the value.

    Raises RangeError for a width that is not 1 … 53, BadInput for what is no number, or no quantiser.
    """
    exact = _checked("a probability", p, 0.0, 1.0)
    if not 1 <= width <= WIDEST:
        raise RangeError(f"width = {width}: values are quantised to 1 … {WIDEST} bits")
    if quantiser == "nearest":
        return np.rint(exact * (1 << width)).astype(np.int64)
    if quantiser == "truncate":
        return np.trunc(exact * ((1 << width) - 1)).astype(np.int64)
    raise BadInput(f"quantiser {quantiser!r}: there are nearest and truncate")


def bipolar(v: ArrayLike, width: int, quantiser: Quantiser = "nearest") -> NDArray[np.int64]:
    """Encoder values for real numbers −1 … 1, by the quantiser of p = (v + 1)/2. Raises as `unipolar`."""
    p = unipolar((_checked("a bipolar value", v, -1.0, 1.0) + 1) / 2, width, quantiser)
    return p - (1 << (width - 1))


def _checked(what: str, given: ArrayLike, low: float, high: float) -> NDArray[np.float64]:
    try:
        values: NDArray[np.float64] = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"{what} of {given!r}: it must be a number, {low:g} … {high:g}") from None
    wrong = ~((values >= low) & (values <= high))  # so that NaN is wrong
    if wrong.any():
        raise RangeError(f"{what} of {values[wrong].flat[0]}: it must be {low:g} … {high:g}")
    return values
