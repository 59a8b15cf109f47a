"""Packed streams of many sources at once: each number compared with the threshold of its stream.

    bit t of stream k = [R_k(t) < threshold_k]        t = 0 … N − 1

as `sc.encoder` has it, with the bits packed as in `packing.py` and the numbers from `sources.py`. These are
used up block by block, so that what is needed beside the result stays in the processor's cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.engine import kernel
from spikelock.models.errors import BadInput
from spikelock.models.sc.encoder import Params

from .packing import LITTLE, WORD, Words, delayed, word_count
from .sources import STEPS, Cyclic, Leaping, Source, Turned, integers

NUMBERS = 1 << 17
"""Numbers of a block, which has several streams where these are short."""


def encode(source: Source, thresholds: ArrayLike, length: int, choice: kernel.Choice | None = None) -> Words:
    """The streams of all sources with a threshold each, or one for all: (*source.shape, words).

    thresholds: integers; 0 or less gives zeros only, 2^width or more ones only. choice: as of
    `kernel.chosen`. Raises BadInput for a length below 1, thresholds that are no integers or of another
    shape.
    """
    flat = integers("thresholds", thresholds, source.shape)
    words = word_count(length)
    compiled = kernel.chosen(choice)
    if compiled and isinstance(source, Cyclic):
        packed = compiled.slices(source.cycle, source.period, source.phases, flat, length)
    elif compiled and isinstance(source, Leaping):
        packed = compiled.walks(source.generator, source.seeds, flat, length)
    else:
        packed = _compare(source, flat, length)
    return packed.reshape(*source.shape, words)


def _compare(source: Source, thresholds: NDArray[np.int64], length: int) -> Words:
    """Bits [number < threshold] of every stream, from numbers of the narrowest type."""
    limits = (np.clip(thresholds, 1, 1 << source.width) - 1).astype(source.dtype)
    packed = np.zeros((len(limits), word_count(length) * WORD // 8), np.uint8)
    for start in range(0, length, STEPS):
        stop = min(start + STEPS, length)
        many = max(1, NUMBERS // (stop - start))
        for first in range(0, len(limits), many):
            streams = slice(first, first + many)
            bits = source.numbers(streams, start, stop) <= limits[streams, np.newaxis]
            whole = np.packbits(bits, axis=-1, bitorder="little")
            packed[streams, start // 8 :][:, : whole.shape[-1]] = whole
    packed[thresholds <= 0] = 0  # what a limit cannot say of a number that is 0
    return packed.view(LITTLE).astype(np.uint64, copy=False)


def lanes(params: Params, source: Source, values: ArrayLike, length: int) -> Words:
    """Streams of all lanes of an `sc.encoder` on each source: values (*source.shape, lanes) → (…, words).

    Raises BadInput for another shape, and where the numbers of the source have another width.
    """
    if source.width != params.width:
        raise BadInput(f"numbers of {source.width} bits for an encoder of {params.width} bits: take the same")
    offset = 1 << (params.width - 1) if params.bipolar else 0
    shape = (*source.shape, params.lanes)
    thresholds = integers("values", values, shape).reshape(shape) + offset
    streams = np.empty((*shape, word_count(length)), np.uint64)
    for lane, (rotation, delay) in enumerate(zip(params.rotations, params.delays, strict=True)):
        turned = Turned(source, rotation) if rotation else source
        encoded = encode(turned, thresholds[..., lane], length)
        before = thresholds[..., lane] >= 1 << params.width  # of the largest number, until there is another
        streams[..., lane, :] = delayed(encoded, length, delay, before)
    return streams
