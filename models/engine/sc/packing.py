"""Streams packed 64 bits to a word, and what can be computed on whole words.

A stream of N bits is ⌈N / 64⌉ words of uint64 along the last axis: bit t lies in word ⌊t / 64⌋ at place
t mod 64, the lowest place first. The bits after the end of a stream are 0, in every array that goes in or
out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput
from spikelock.models.sc.gate import Gate

from .gate import combine

WORD = 64
"""Bits of a word."""
LITTLE = np.dtype("<u8")
"""How packed bytes make a word, on any machine."""

Words = NDArray[np.uint64]


def word_count(length: int) -> int:
    """Words of a stream of `length` bits. Raises BadInput unless there is at least one bit."""
    if length < 1:
        raise BadInput(f"a stream of {length} bits: it has at least one; 1024 is usual")
    return -(-length // WORD)


def pack(bits: ArrayLike) -> Words:
    """Words of streams whose bits are 0 and 1, or False and True, along the last axis: (…, N) → (…, words).

    Raises BadInput for streams without a bit, and for other values.
    """
    given = np.asarray(bits)
    if given.ndim == 0:
        raise BadInput(f"{given} is no stream: its bits lie along the last axis of an array")
    words = word_count(given.shape[-1])
    wrong = (given != 0) & (given != 1)
    if wrong.any():
        raise BadInput(f"a bit of {given[wrong][0]}: bits are 0 and 1")
    packed = np.zeros((*given.shape[:-1], words * WORD // 8), np.uint8)
    whole = np.packbits(given == 1, axis=-1, bitorder="little")
    packed[..., : whole.shape[-1]] = whole
    return packed.view(LITTLE).astype(np.uint64, copy=False)


def unpack(words: Words, length: int) -> NDArray[np.uint8]:
    """The bits, as 0 and 1: (…, words) → (…, length). Raises BadInput for another number of words."""
    _check(words, length)
    packed = np.ascontiguousarray(words).astype(LITTLE, copy=False).view(np.uint8)
    return np.unpackbits(packed, axis=-1, count=length, bitorder="little")


def mask(length: int) -> Words:
    """For each word, ones at the places that belong to a stream of `length` bits; shape (words,)."""
    ones = np.full(word_count(length), ~np.uint64(0))
    ones[-1] >>= np.uint64(-length % WORD)
    return ones


def logic(gate: Gate, length: int, *operands: Words) -> Words:
    """The gate of every bit, of streams of one length; operands (a, b, select), as many as the gate has."""
    for operand in operands:
        _check(operand, length)
    return (combine(gate, *operands) & mask(length)).astype(np.uint64, copy=False)


def delayed(words: Words, length: int, steps: int, before: ArrayLike = 0) -> Words:
    """Streams that come so many steps later; `before` is the bit of each until then.

    Raises BadInput for a negative number of steps.
    """
    _check(words, length)
    if steps < 0:
        raise BadInput(f"a delay of {steps} steps: a stream can come later, 0 steps or more, not earlier")
    skipped, places = min(steps // WORD, words.shape[-1]), np.uint64(steps % WORD)
    whole = np.zeros_like(words)
    kept = words[..., : words.shape[-1] - skipped]
    whole[..., skipped:] = kept << places
    if places:
        whole[..., skipped + 1 :] |= kept[..., :-1] >> np.uint64(WORD) - places
    first = np.where(np.asarray(before) != 0, ~np.uint64(0), np.uint64(0))
    whole[..., :skipped] = first[..., np.newaxis]
    whole[..., skipped : skipped + 1] |= (first & (np.uint64(1) << places) - np.uint64(1))[..., np.newaxis]
    return whole & mask(length)


def ones(words: Words) -> NDArray[np.int64]:
    """The ones of each stream: (…, words) → (…)."""
    return np.asarray(np.bitwise_count(words).sum(axis=-1, dtype=np.int64))


def ones_before(words: Words, places: ArrayLike) -> NDArray[np.int64]:
    """The ones among the first so many bits of each stream: (…, words) and (k,) → (…, k).

    The ones of any windows are differences of these. Raises BadInput for places outside the words.
    """
    at = np.asarray(places, np.int64)
    most = words.shape[-1] * WORD
    if ((at < 0) | (at > most)).any():
        raise BadInput(f"places {at.min()} … {at.max()} in streams of at most {most} bits")
    up_to = np.zeros((*words.shape[:-1], words.shape[-1] + 1), np.int64)
    np.cumsum(np.bitwise_count(words), axis=-1, dtype=np.int64, out=up_to[..., 1:])
    word, place = at // WORD, (at % WORD).astype(np.uint64)
    # A place at the end of the last word has no word of its own; its place is 0, which takes no bits of any.
    rest = words[..., np.minimum(word, words.shape[-1] - 1)] & ((np.uint64(1) << place) - np.uint64(1))
    return up_to[..., word] + np.bitwise_count(rest)


def window_ones(words: Words, length: int, window: int) -> NDArray[np.int64]:
    """The ones of consecutive windows of `window` bits, the last as short as the stream leaves it.

    (…, words) → (…, ⌈length / window⌉). Raises BadInput for a window without a bit.
    """
    _check(words, length)
    if window < 1:
        raise BadInput(f"a window of {window} bits: it has at least one")
    ends = np.minimum(np.arange(0, length + window, window), length)
    return np.diff(ones_before(words, ends), axis=-1)


def _check(words: NDArray[Any], length: int) -> None:
    if words.dtype != np.uint64 or words.ndim == 0 or words.shape[-1] != word_count(length):
        raise BadInput(
            f"words of {words.dtype} in the shape {words.shape}: a stream of {length} bits is "
            f"{word_count(length)} words of uint64 along the last axis"
        )
