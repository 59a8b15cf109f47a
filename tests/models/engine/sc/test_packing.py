"""Packed streams against the same computed bit by bit: every length, tails, windows, correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import packing
from spikelock.models.errors import BadInput
from spikelock.models.sc import correlation
from spikelock.models.sc.gate import CORE, Gate, Params

LENGTHS = range(1, 201)


def bits(length: int, *shape: int, seed: int = 1) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 2, (*shape, length), np.uint8)


@pytest.mark.parametrize("length", LENGTHS)
def test_bit_t_lies_in_word_t_div_64_at_place_t_mod_64(length: int) -> None:
    given_bits = bits(length)
    words = packing.pack(given_bits)
    number = sum(int(bit) << t for t, bit in enumerate(given_bits))
    assert words.tolist() == [number >> 64 * k & (1 << 64) - 1 for k in range(-(-length // 64))]
    assert np.array_equal(packing.unpack(words, length), given_bits)
    assert sum(int(word) << 64 * k for k, word in enumerate(packing.mask(length))) == (1 << length) - 1


@pytest.mark.parametrize("gate", Gate)
def test_logic_is_the_gate_of_the_reference_and_leaves_the_tail_empty(gate: Gate) -> None:
    params = Params(gate)
    for length in LENGTHS:
        operands = [bits(length, seed=seed) for seed in range(len(params.operands))]
        inputs = {"input": CORE.inputs(params)["input"].records(*(o.astype(np.int64) for o in operands))}
        _, expected = run_reference(CORE, params, CORE.configuration(params), inputs)
        got = packing.logic(gate, length, *map(packing.pack, operands))
        assert np.array_equal(packing.unpack(got, length), expected["output"]["bits"])
        assert not (got & ~packing.mask(length)).any()


def test_shapes_are_kept() -> None:
    given_bits = bits(100, 3, 4)
    words = packing.pack(given_bits)
    assert words.shape == (3, 4, 2)
    assert np.array_equal(packing.unpack(words[::2], 100), given_bits[::2])
    assert np.array_equal(packing.ones(words), given_bits.sum(-1))
    assert packing.pack(given_bits.astype(bool)).tolist() == words.tolist()


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 300), st.integers(1, 320), st.integers(0, 99))
def test_ones_of_windows(length: int, window: int, seed: int) -> None:
    given_bits = bits(length, 2, seed=seed)
    words = packing.pack(given_bits)
    expected = [given_bits[:, start : start + window].sum(-1) for start in range(0, length, window)]
    assert packing.window_ones(words, length, window).T.tolist() == np.array(expected).tolist()
    before = packing.ones_before(words, range(length + 1))
    assert np.array_equal(before[:, 1:], np.cumsum(given_bits, axis=-1))
    assert before[0, 0] == 0


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 300), st.integers(0, 320), st.integers(0, 1), st.integers(0, 99))
def test_delay(length: int, steps: int, before: int, seed: int) -> None:
    given_bits = bits(length, 2, seed=seed)
    late = np.concatenate([np.full((2, steps), before), given_bits], axis=-1)[:, :length]
    got = packing.delayed(packing.pack(given_bits), length, steps, [before, before])
    assert np.array_equal(packing.unpack(got, length), late)
    assert not (got & ~packing.mask(length)).any()


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=150))
def test_correlation_follows_from_counts(pairs: list[tuple[int, int]]) -> None:
    bits_a, bits_b = map(list, zip(*pairs, strict=True))
    a, b = packing.pack(bits_a), packing.pack(bits_b)
    counts = packing.ones(a), packing.ones(b), packing.ones(a & b)
    assert correlation.scc_of_counts(len(pairs), *counts) == correlation.scc(bits_a, bits_b)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: packing.pack([]), "a stream of 0 bits: it has at least one"),
        (lambda: packing.pack(1), "1 is no stream"),
        (lambda: packing.pack([0, 2]), "a bit of 2: bits are 0 and 1"),
        (lambda: packing.pack([0, float("nan")]), "a bit of nan"),
        (lambda: packing.mask(-3), "a stream of -3 bits"),
        (lambda: packing.unpack(packing.pack([1] * 64), 65), "a stream of 65 bits is 2 words"),
        (lambda: packing.unpack(np.zeros(1, np.int64), 3), "words of int64"),
        (lambda: packing.window_ones(packing.pack([1]), 1, 0), "a window of 0 bits"),
        (lambda: packing.delayed(packing.pack([1]), 1, -1), "a delay of -1 steps"),
        (lambda: packing.ones_before(packing.pack([1]), [65]), "places 65 … 65 in streams of at most 64"),
    ],
)
def test_what_is_no_stream_is_refused(call: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        call()
