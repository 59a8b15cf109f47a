"""Stochastic computing correlation (SCC) of bit streams.

Of two streams of N bits, let there be `ones_a` ones in a, `ones_b` in b, and `both` steps with a one in
both. With shares p = ones / N, and δ = p_ab − p_a·p_b, the overlap beyond that of independent streams:

    SCC = δ / (min(p_a, p_b) − p_a·p_b)            where δ > 0
    SCC = δ / (p_a·p_b − max(p_a + p_b − 1, 0))    where δ < 0
    SCC = 0                                        where δ = 0

+1: the ones of one stream are all among those of the other; −1: they overlap as little as they can; 0: as
independent streams do on average. A stream of zeros only, or of ones only, can overlap in one way alone:
δ = 0 and both denominators are 0. The publication leaves that undefined; here it counts as 0.

Multiplied by N², all of it is in integers; only the division is rounded (and, for streams of more than 2^26
bits, what is divided).

A. Alaghi and J. P. Hayes, "Exploiting correlation in stochastic circuit design", IEEE International
Conference on Computer Design (2013) 39–46.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput, RangeError

LONGEST = 1 << 31
"""Bits of the longest stream: products of two counts fit 64 bits."""


def scc(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """SCC of streams of bits 0 and 1 in arrays (…, N), whose other axes broadcast.

    Raises BadInput for streams that differ in length or are empty, RangeError for other values than bits.
    """
    streams = _bits(a), _bits(b)
    if not all(s.ndim for s in streams) or len({s.shape[-1] for s in streams}) > 1:
        raise BadInput(
            f"streams of shapes {streams[0].shape} and {streams[1].shape}: the last axis is the time, and "
            "must be of the same length in both"
        )
    ones_a, ones_b = (np.count_nonzero(s, axis=-1) for s in streams)
    return scc_of_counts(
        streams[0].shape[-1], ones_a, ones_b, np.count_nonzero(streams[0] & streams[1], axis=-1)
    )


def scc_of_counts(length: int, ones_a: ArrayLike, ones_b: ArrayLike, both: ArrayLike) -> NDArray[np.float64]:
    """SCC from the numbers of ones in streams of `length` bits: in a, in b, and in both at a time.

    Raises BadInput for a length that is not 1 … 2^31, RangeError for counts that no two streams have.
    """
    if not 1 <= length <= LONGEST:
        raise BadInput(f"streams of {length} bits: SCC is defined for 1 … {LONGEST} bits")
    a, b, ab = (np.asarray(counts, np.int64) for counts in (ones_a, ones_b, both))
    most, least = np.minimum(a, b), np.maximum(a + b - length, 0)
    if not np.all((least <= ab) & (ab <= most) & (np.maximum(a, b) <= length)):
        raise RangeError(
            f"counts of ones {a.tolist()}, {b.tolist()} and {ab.tolist()} in both: no two streams of "
            f"{length} bits have those; with counts a and b, both is max(a + b − {length}, 0) … min(a, b)"
        )
    excess = length * ab - a * b
    range_ = np.where(excess > 0, length * most - a * b, a * b - length * least)
    result: NDArray[np.float64] = np.where(excess != 0, excess / np.maximum(range_, 1), 0.0)
    return result


def _bits(stream: ArrayLike) -> NDArray[Any]:
    bits = np.asarray(stream)
    if bits.dtype.kind not in "iub" or not np.all((bits == 0) | (bits == 1)):
        raise RangeError(
            f"a stream of dtype {bits.dtype}: it must consist of the integers 0 and 1, or of booleans"
        )
    return bits.astype(np.bool_)
