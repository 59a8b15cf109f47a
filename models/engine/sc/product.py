"""Products of packed streams, summed up: what a layer of m neurons with n synapses each computes in a tick.

    AND     sum_i = Σ_j sign_ij · ones(a_j & b_ij)     counts up for positive weights, down for negative ones
    XNOR    sum_i = Σ_j (N − 2·ones(a_j ^ b_ij))       twice the number of equal bits, less n·N

Both come down to one loop over words, `overlaps`, with no sign and no tail in it:

    −ones(a & b) = ones(a & ~b) − ones(a)              so streams of negative weights are kept inverted
    ones(a ^ b) = ones(a) + ones(b) − 2·ones(a & b)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spikelock.models.engine import kernel
from spikelock.models.errors import BadInput

from .packing import Words, mask, ones

BLOCK = 1 << 14
"""Words of a block in NumPy: it, its product with another and their ones stay in the processor's cache."""


@dataclass(frozen=True)
class Weights:
    """Streams of weights, and how the sums follow from their overlaps with those of inputs:

        sum_i = Σ_j scale · ones(a_j & words_ij) + of_inputs_ij · ones(a_j) + constant_ij

    words: (m, n, words). of_inputs: (m, n), or (1, n) where all neurons have the same; float64, so that it is
    multiplied fast, and exact, as the sums are far below 2^53. constant: (m, n).
    """

    words: Words
    scale: int
    of_inputs: NDArray[np.float64]
    constant: NDArray[np.int64]

    @cached_property
    def _constants(self) -> NDArray[np.int64]:
        return np.asarray(self.constant.sum(axis=1))

    def sums(self, inputs: Words, choice: kernel.Choice | None = None) -> NDArray[np.int64]:
        """The sums of each sample: streams (samples, n, words) → (samples, m). choice: as `kernel.chosen`.

        Raises BadInput where the inputs have another shape.
        """
        self._check(inputs, ("samples",))
        neurons, *row = self.words.shape
        flat = inputs.reshape(len(inputs), math.prod(row)), self.words.reshape(neurons, math.prod(row))
        shared = overlaps(*flat, choice)
        return self.scale * shared + (ones(inputs) @ self.of_inputs.T).astype(np.int64) + self._constants

    def products(self, inputs: Words) -> NDArray[np.int64]:
        """What each synapse adds to the sum of its neuron, for one sample: streams (n, words) → (m, n).

        Raises BadInput where the inputs have another shape.
        """
        self._check(inputs, ())
        shared = np.stack([ones(row & inputs) for row in self.words])
        return self.scale * shared + self.of_inputs.astype(np.int64) * ones(inputs) + self.constant

    def _check(self, inputs: Words, first: tuple[str, ...]) -> None:
        if inputs.dtype != np.uint64 or inputs.shape[len(first) :] != self.words.shape[1:]:
            wanted = ", ".join([*first, *map(str, self.words.shape[1:])])
            raise BadInput(
                f"streams of {inputs.dtype} in the shape {inputs.shape}: for these weights it is uint64 in "
                f"the shape ({wanted})"
            )


def signed(words: Words, negative: NDArray[np.bool_], length: int) -> Weights:
    """Weights of sign and magnitude for AND: streams (m, n, words) of the magnitudes, (m, n) of the signs.

    The streams are taken over: those of negative weights are inverted where they are, to need no second copy.
    """
    within = mask(length)
    for row, inverted in zip(words, negative, strict=True):
        row[inverted] ^= within
    constant = np.broadcast_to(np.int64(0), negative.shape)
    return Weights(words, 1, -negative.astype(np.float64), constant)


def bipolar(words: Words, length: int) -> Weights:
    """Bipolar weights for XNOR: streams (m, n, words)."""
    constant = length - 2 * np.stack([ones(row) for row in words])
    return Weights(words, 4, np.full((1, words.shape[1]), -2.0), constant)


def overlaps(a: Words, b: Words, choice: kernel.Choice | None = None) -> NDArray[np.int64]:
    """How many ones each row of a, (s, words), shares with each row of b, (i, words): (s, i).

    Raises BadInput for rows of other types or of different lengths.
    """
    if not (a.dtype == b.dtype == np.uint64 and a.ndim == b.ndim == 2 and a.shape[1] == b.shape[1]):
        raise BadInput(
            f"rows of {a.dtype} in the shape {a.shape} and of {b.dtype} in {b.shape}: both are uint64, with "
            "as many words in a row"
        )
    compiled = kernel.chosen(choice)
    if compiled:
        return compiled.overlaps(a, b)
    result = np.zeros((len(a), len(b)), np.int64)
    width = min(BLOCK, max(a.shape[1], 1))
    rows = max(1, BLOCK // width)
    for place in range(0, a.shape[1], width):
        for first in range(0, len(b), rows):
            block = b[first : first + rows, place : place + width]
            both, count = np.empty_like(block), np.empty(block.shape, np.uint8)
            for row, sums in zip(a[:, place : place + width], result, strict=True):
                np.bitwise_count(np.bitwise_and(block, row, out=both), out=count)
                sums[first : first + rows] += count.sum(axis=1, dtype=np.uint32)
    return result
