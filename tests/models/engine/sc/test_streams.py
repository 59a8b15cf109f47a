"""Packed streams of every source against the reference of its core and of the encoder, bit for bit."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.core import Core, run_reference
from spikelock.models.engine import kernel
from spikelock.models.engine.sc import packing, sources, streams
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.lfsr import LFSR, LFSRS, Kind, maximal
from spikelock.models.sc import counter, encoder, halton, lfsr, sobol

KINDS: tuple[Kind, ...] = get_args(Kind)
LEFT = LFSRS["fibonacci16_left"]


def numbers_of(core: Core, params: Any, count: int) -> list[int]:
    """The first numbers that the reference of a source gives."""
    requests = {"request": core.inputs(params)["request"].records(np.zeros(count, np.int64))}
    _, outputs = run_reference(core, params, core.configuration(params), requests)
    numbers: list[int] = outputs["output"]["value"].tolist()
    return numbers


def check(words: NDArray[np.uint64], numbers: Sequence[Sequence[int]], thresholds: Sequence[int]) -> None:
    """That the streams are those numbers compared with those thresholds, and their tails empty."""
    length = len(numbers[0])
    expected = [[r < x for r in row] for row, x in zip(numbers, thresholds, strict=True)]
    assert np.array_equal(packing.unpack(words, length), expected)
    assert not (words & ~packing.mask(length)).any()


@pytest.mark.parametrize("choice", ["numpy", "auto"])
def test_every_length(choice: kernel.Choice) -> None:
    seeds, thresholds = [0xACE1, 1, 0xBEEF, 65535], [32768, 0, 40000, 65536]
    source = sources.lfsr(LEFT, seeds)
    numbers = [numbers_of(lfsr.CORE, lfsr.Params(seed=seed), 200) for seed in seeds]
    for length in range(1, 201):
        check(streams.encode(source, thresholds, length, choice), [n[:length] for n in numbers], thresholds)


@pytest.mark.parametrize("choice", ["numpy", "auto"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [3, 5, 8, 9, 12, 13, 17, 20, 21, 33, 62])
def test_shift_registers_of_every_kind_beyond_a_block_and_a_period(
    width: int, kind: Kind, choice: kernel.Choice
) -> None:
    generator, length = maximal(width, kind), 2 * sources.STEPS + 77
    random = np.random.default_rng(width)
    seeds = [1, generator.period, *random.integers(1, generator.period, 2, endpoint=True).tolist()]
    thresholds = [1, generator.period, *random.integers(0, generator.period, 2, endpoint=True).tolist()]
    numbers = [states(generator, seed, length) for seed in seeds]
    check(streams.encode(sources.lfsr(generator, seeds), thresholds, length, choice), numbers, thresholds)


def states(generator: LFSR, seed: int, count: int) -> list[int]:
    """States of a register, one step after the other."""
    found = [seed]
    while len(found) < count:
        found.append(generator.next(found[-1]))
    return found


def test_the_published_streams_over_a_period_and_a_half() -> None:
    """Values of 16 bits after both published conventions; max(x − 1, 0) ones in each period."""
    for generator in LFSRS.values():
        length = generator.period * 3 // 2
        source, thresholds = sources.lfsr(generator, [0xACE1, 0xACE1 + 7]), [777, 65535]
        words = streams.encode(source, thresholds, length)
        check(words, [states(generator, seed, length) for seed in (0xACE1, 0xACE1 + 7)], thresholds)
        assert packing.ones_before(words, [generator.period]).ravel().tolist() == [776, 65534]


def test_a_register_with_several_cycles_is_stepped() -> None:
    generator = LFSR("not maximal", 6, (5, 2), "fibonacci_left")
    seeds = list(range(1, 64))
    source = sources.lfsr(generator, seeds)
    assert isinstance(source, sources.Leaping)
    check(streams.encode(source, 30, 150), [states(generator, seed, 150) for seed in seeds], [30] * 63)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_other_sources_are_those_of_their_cores(data: st.DataObject) -> None:
    width, length, bases = data.draw(st.integers(2, 20)), data.draw(st.integers(1, 300)), (2, 3, 4, 4)
    top = (1 << width) - 1
    each = data.draw(st.lists(st.tuples(st.integers(0, 63), st.integers(0, top)), min_size=1, max_size=4))
    first, second = (list(column) for column in zip(*each, strict=True))
    thresholds = data.draw(
        st.lists(st.integers(-2, top + 3), min_size=len(each), max_size=len(each)), label="thresholds"
    )
    cases: list[tuple[Core, Callable[..., Any], sources.Source]] = [
        (counter.CORE, lambda d, s: counter.Params(width, s), sources.counter(width, second)),
        (sobol.CORE, lambda d, s: sobol.Params(d, width, s), sources.sobol(width, first, second)),
        (
            halton.CORE,
            lambda d, s: halton.Params(bases[d % 4], width),
            sources.halton(width, [bases[d % 4] for d in first]),
        ),
    ]
    for core, params, source in cases:
        numbers = [numbers_of(core, params(*pair), length) for pair in each]
        check(streams.encode(source, thresholds, length), numbers, thresholds)


def test_low_discrepancy_sequences_go_on_exactly_beyond_65536() -> None:
    length = 65_536 + 200
    numbers = [numbers_of(sobol.CORE, sobol.Params(7, 18), length)]
    check(streams.encode(sources.sobol(18, [7]), 1000, length), numbers, [1000])
    numbers = [numbers_of(halton.CORE, halton.Params(3, 16), length)]
    check(streams.encode(sources.halton(16, [3]), 999, length), numbers, [999])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_lanes_that_share_a_source_are_those_of_the_encoder(data: st.DataObject) -> None:
    width, lanes, length = (data.draw(st.integers(*ends)) for ends in ((3, 20), (1, 4), (1, 200)))

    def each(least: int, most: int) -> list[int]:
        return data.draw(st.lists(st.integers(least, most), min_size=lanes, max_size=lanes))

    params = encoder.Params(
        width,
        data.draw(st.booleans()),
        tuple(each(0, width - 1)),
        tuple(each(0, 150)),
    )
    values = each(params.value.minimum, params.value.maximum)
    seed = data.draw(st.integers(1, (1 << width) - 1))
    generator = maximal(width, "galois")
    rows = [(number, *values) for number in states(generator, seed, length)]
    inputs = {"input": encoder.CORE.inputs(params)["input"].from_tuples(rows)}
    _, expected = run_reference(encoder.CORE, params, encoder.CORE.configuration(params), inputs)
    words = streams.lanes(params, sources.lfsr(generator, [seed]), [values], length)
    got = packing.unpack(words, length)[0]
    assert [sum(int(bit) << lane for lane, bit in enumerate(step)) for step in got.T] == expected["output"][
        "bits"
    ].tolist()


def test_shapes_are_those_of_the_sources() -> None:
    seeds = np.arange(1, 13).reshape(3, 4)
    words = streams.encode(sources.lfsr(LEFT, seeds), 30000, 100)
    assert words.shape == (3, 4, 2)
    for seed, row in zip(seeds.ravel().tolist(), words.reshape(-1, 2), strict=True):
        assert np.array_equal(streams.encode(sources.lfsr(LEFT, seed), 30000, 100), row)
    params = encoder.Params(16, rotations=(0, 8), delays=(0, 0))
    values = np.full((3, 4, 2), 30000)
    assert np.array_equal(streams.lanes(params, sources.lfsr(LEFT, seeds), values, 100)[:, :, 0], words)


def test_different_seeds_give_other_streams() -> None:
    a, b = streams.encode(sources.lfsr(LEFT, [0xACE1, 0xACE1 + 7]), 30000, 1000)
    assert (a != b).any()


@pytest.mark.parametrize("choice", ["numpy", "auto"])
@pytest.mark.parametrize("width", [16, 32])
def test_memory_is_that_of_the_streams_and_little_more(width: int, choice: kernel.Choice) -> None:
    """As numbers, one for each bit, these streams would take at least 512 times as much."""
    shape, length = (256, 16), 4096
    generator = maximal(width, "fibonacci_left")
    seeds = np.arange(1, 1 + 256 * 16).reshape(shape)
    sources.lfsr(generator, seeds)  # the cycle is made once
    tracemalloc.start()
    try:
        words = streams.encode(sources.lfsr(generator, seeds), 30000, length, choice)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert words.nbytes == 4096 * 512
    assert peak < 4 * words.nbytes


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sources.lfsr(LEFT, [5, 0]), "seed 0 of LFSR fibonacci16_left: it must be 1 … 65535"),
        (lambda: sources.lfsr(LEFT, [65536]), "seed 65536"),
        (lambda: sources.lfsr(LEFT, [1.5]), "seeds of type float64: they are integers"),
        (lambda: sources.lfsr(maximal(64, "galois"), [1]), "numbers of 64 bits: .* 1 … 62"),
        (lambda: sources.counter(8, [256]), "start = 256"),
        (lambda: sources.counter(8, [-1, 3]), "start = -1"),
        (lambda: sources.sobol(8, [64]), "dimension = 64"),
        (lambda: sources.sobol(8, 1, [3, 256]), "shift = 256"),
        (lambda: sources.halton(8, [1]), "base = 1"),
        (lambda: streams.encode(sources.lfsr(LEFT, [1, 2]), 5, 0), "a stream of 0 bits"),
        (lambda: streams.encode(sources.lfsr(LEFT, [1, 2]), [0.5, 0.1], 9), "thresholds of type float64"),
        (
            lambda: streams.encode(sources.lfsr(LEFT, [1, 2]), [1, 2, 3], 9),
            r"shape \(3,\): it must be \(2,\)",
        ),
        (
            lambda: streams.lanes(encoder.Params(8), sources.lfsr(LEFT, [1]), [[3]], 9),
            "numbers of 16 bits for an encoder of 8 bits",
        ),
    ],
)
def test_what_cannot_be_encoded_is_refused(call: Any, says: str) -> None:
    with pytest.raises((BadInput, RangeError), match=says):
        call()
