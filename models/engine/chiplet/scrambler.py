"""Vectorised scrambler: the stream is a slice of its cycle; the far end may be elsewhere in that cycle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from spikelock.models.chiplet.scrambler import DEGREE, Params, outputs
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

PERIOD = (1 << DEGREE) - 1
EXPONENTS = (3, 4, 5, 16)


@cache
def _cycle() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All bits of the stream from sixteen ones on; and at which of them each sixteen, as a word, begin."""
    stream = np.ones(PERIOD + DEGREE, np.uint8)
    for n in range(DEGREE, len(stream)):
        stream[n] = np.bitwise_xor.reduce(stream[[n - e for e in EXPONENTS]])
    windows = np.lib.stride_tricks.sliding_window_view(stream, DEGREE)[:PERIOD]
    where = np.full(1 << DEGREE, -1)
    where[windows @ (1 << np.arange(DEGREE))] = np.arange(PERIOD)
    return stream[:PERIOD], where


def stream(begin: int, count: int) -> NDArray[np.uint8]:
    """`count` bits after the sixteen that begin there; zeros follow zeros, which begin at −1."""
    if begin < 0:
        return np.zeros(count, np.uint8)
    bits: NDArray[np.uint8] = _cycle()[0][np.arange(begin + DEGREE, begin + DEGREE + count) % PERIOD]
    return bits


def descrambled(came: NDArray[np.uint8], seeds: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What the far end makes of beats, shape (beats, bits).

    Between two seeds it runs on by itself; a seed is what it is taken for.
    """
    width = came.shape[1]
    known = np.concatenate([np.ones(DEGREE, np.uint8), came.ravel()])
    edges = np.flatnonzero(np.diff(seeds.astype(int), prepend=1, append=1))
    for first, end in zip(edges[0::2], edges[1::2], strict=True):
        at = DEGREE + first * width
        begin = _cycle()[1][known[at - DEGREE : at] @ (1 << np.arange(DEGREE))]
        known[at : DEGREE + end * width] = stream(int(begin), (end - first) * width)
    plain: NDArray[np.uint8] = came ^ known[DEGREE:].reshape(-1, width)
    return plain


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.scrambler`."""
    beats, width = inputs["input"], params.width
    places = np.arange(width, dtype=np.uint64)
    data, flips = (
        (beats[name].astype(np.uint64)[:, None] >> places & np.uint64(1)).astype(np.uint8)
        for name in ("data", "flips")
    )
    seed = beats["seed"].astype(bool)
    line = stream(0, len(beats) * width).reshape(-1, width) ^ np.where(seed[:, None], 0, data)
    arrived = np.flatnonzero(beats["lost"] == 0)
    came = line[arrived] ^ flips[arrived]

    result = np.zeros_like(line)
    result[arrived] = descrambled(came, seed[arrived])

    port = outputs(params)["output"]
    columns = [np.bitwise_or.reduce(b.astype(np.uint64) << places, axis=1) for b in (line, result)]
    return {"output": port.records(*(column.astype(port.dtype["line"]) for column in columns))}
