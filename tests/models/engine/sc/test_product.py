"""Sums of products of packed streams against sums over single bits, in NumPy and in the kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.engine import kernel
from spikelock.models.engine.sc import packing, product
from spikelock.models.errors import BadInput

CHOICES: tuple[kernel.Choice, ...] = ("numpy", "auto")
Bits = np.ndarray[Any, np.dtype[np.uint8]]


def bits(seed: int, *shape: int) -> Bits:
    return np.random.default_rng(seed).integers(0, 2, shape, np.uint8)


def and_products(a: Bits, b: Bits, negative: Bits) -> Any:
    """(samples, neurons, inputs), bit by bit."""
    both = a[:, np.newaxis] & b
    return both.sum(-1, dtype=np.int64) * np.where(negative, -1, 1)


def xnor_products(a: Bits, b: Bits) -> Any:
    """(samples, neurons, inputs), bit by bit: +1 for equal bits, −1 for others."""
    return np.where(a[:, np.newaxis] == b, 1, -1).sum(-1)


def shared(row: list[int], other: list[int]) -> int:
    """The ones that two rows of words have in common."""
    return sum((x & y).bit_count() for x, y in zip(row, other, strict=True))


def check(samples: int, neurons: int, inputs: int, length: int, seed: int) -> None:
    a, b = bits(seed, samples, inputs, length), bits(seed + 1, neurons, inputs, length)
    negative = bits(seed + 2, neurons, inputs)
    given_words = packing.pack(a)
    for weights, expected in (
        (product.signed(packing.pack(b), negative == 1, length), and_products(a, b, negative)),
        (product.bipolar(packing.pack(b), length), xnor_products(a, b)),
    ):
        for choice in CHOICES:
            assert np.array_equal(weights.sums(given_words, choice), expected.sum(-1)), choice
        for sample, of_synapses in zip(given_words, expected, strict=True):
            assert np.array_equal(weights.products(sample), of_synapses)


def test_every_length() -> None:
    for length in range(1, 201):
        check(2, 3, 5, length, seed=length)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 300), st.integers(0, 99))
def test_every_shape(samples: int, neurons: int, inputs: int, length: int, seed: int) -> None:
    check(samples, neurons, inputs, length, seed)


@pytest.mark.parametrize("words", [1, 7, 8, 255, 256, 257, 513, product.BLOCK - 1, product.BLOCK + 9])
@pytest.mark.parametrize(("samples", "neurons"), [(1, 1), (1, 6), (3, 9)])
def test_edges_of_blocks(samples: int, neurons: int, words: int) -> None:
    """Rows as long as a block of either implementation, one word less, and more."""
    random = np.random.default_rng(words)
    a, b = (random.integers(0, 1 << 64, (rows, words), np.uint64) for rows in (samples, neurons))
    expected = [
        [sum((x & y).bit_count() for x, y in zip(s, i, strict=True)) for i in b.tolist()] for s in a.tolist()
    ]
    for choice in CHOICES:
        assert product.overlaps(a, b, choice).tolist() == expected


def test_full_scale() -> None:
    """All bits one: the largest sums, of either sign."""
    ones, zeros = packing.pack(np.ones((1, 700, 64))), packing.pack(np.zeros((1, 700, 64)))
    for choice in CHOICES:
        for negative in (False, True):
            weights = product.signed(ones.copy(), np.full((1, 700), negative), 64)
            assert weights.sums(ones, choice).item() == (-1 if negative else 1) * 700 * 64
        assert product.bipolar(ones, 64).sums(ones, choice).item() == 700 * 64
        assert product.bipolar(ones, 64).sums(zeros, choice).item() == -700 * 64


def test_views_are_taken_as_they_are() -> None:
    a, b = packing.pack(bits(1, 6, 4, 100)), packing.pack(bits(2, 5, 4, 100))
    for choice in CHOICES:
        whole = product.bipolar(b, 100).sums(a, choice)
        assert np.array_equal(product.bipolar(b[::2], 100).sums(a[::3], choice), whole[::3, ::2])


def test_control_a_tail_that_is_not_empty_shows() -> None:
    """That the bits after the end are 0 is what the sums rest on, not what they check."""
    a, b = packing.pack(bits(1, 1, 2, 30)), packing.pack(bits(2, 1, 2, 30))
    right = product.bipolar(b, 30).sums(a)
    assert (product.bipolar(b | ~packing.mask(30), 30).sums(a) != right).all()


@pytest.mark.parametrize("shape", [(3, 2), (1, 4, 2), (1, 3, 1)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    weights = product.bipolar(packing.pack(bits(1, 5, 3, 100)), 100)
    with pytest.raises(BadInput, match=r"for these weights it is uint64 in the shape \(samples, 3, 2\)"):
        weights.sums(np.zeros(shape, np.uint64))
    with pytest.raises(BadInput, match=r"in the shape \(3, 2\)"):
        weights.products(np.zeros((1, 3, 2), np.uint64))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((2, 3), np.uint64), np.zeros((2, 4), np.uint64)),
        (np.zeros((2, 3), np.uint64), np.zeros((2, 3), np.int64)),
        (np.zeros((2, 3), np.uint32), np.zeros((2, 3), np.uint64)),
        (np.zeros(3, np.uint64), np.zeros((2, 3), np.uint64)),
    ],
)
def test_rows_that_do_not_fit_are_refused(a: Any, b: Any) -> None:
    for choice in CHOICES:
        with pytest.raises(BadInput, match="both are uint64, with as many words in a row"):
            product.overlaps(a, b, choice)
