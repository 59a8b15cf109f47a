"""Errors of dot products, measured: sources as they are shared, and how the error falls with the length."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from spikelock.models.engine.sc.measured_error import measured_errors, seeds_of, streams_of
from spikelock.models.engine.sc.packing import unpack
from spikelock.models.engine.sc.sobol import points
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Ints
from spikelock.models.lfsr import maximal
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing
from spikelock.models.sc.sobol import Params as Sobol


def rms(dot: DotProduct, length: int, **arguments: int) -> float:
    return float(np.sqrt(np.mean(measured_errors(dot, length, 60, 1, **arguments) ** 2)))


def seeds(sharing: Sharing, neurons: int = 1, inputs: int = 11, width: int = 8) -> Ints:
    dot = DotProduct(inputs, width=width, sharing=sharing)
    return seeds_of(dot, np.random.default_rng(1), neurons)


def expected(numbers: Iterable[int], threshold: int) -> list[int]:
    return [int(number < threshold) for number in numbers]


def test_own_sources_have_different_seeds() -> None:
    found = seeds(Sharing.NONE, neurons=3)
    assert found.shape == (4, 11)
    assert len({*found.flat}) == 44
    assert len({*seeds(Sharing.NONE, inputs=3, width=3).flat}) == 6  # of 7 there are
    assert len({*seeds(Sharing.NEURONS, neurons=3).flat}) == 22
    assert seeds(Sharing.ROTATED).shape == (2, 2)
    assert seeds(Sharing.INPUTS).shape == seeds(Sharing.SOBOL).shape == (2, 1)


def test_more_sources_than_seeds_are_refused() -> None:
    with pytest.raises(RangeError, match="8 sources need as many seeds, and there are 7: use a width of 4"):
        seeds(Sharing.NONE, inputs=4, width=3)


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("row", [0, 1])
def test_streams_are_those_of_their_sources(sharing: Sharing, row: int) -> None:
    dot, generator = DotProduct(11, width=8, sharing=sharing), maximal(8, "fibonacci_left")
    kept = seeds(sharing)[row]
    thresholds = np.random.default_rng(2).integers(0, 257, (3, 11))
    bits = unpack(streams_of(dot, kept, row, thresholds, 70), 70)
    for lane in range(11):
        number = int(kept[lane // dot.group])
        numbers = []
        for t in range(70):
            if sharing is Sharing.SOBOL:
                number = int(points(Sobol(row, 8), np.array([t]))[0]) ^ int(kept[0])
            text = f"{number:08b}"
            turn = lane % 8 if sharing is Sharing.ROTATED else 0
            numbers.append(int(text[turn:] + text[:turn], 2))
            number = generator.next(number) if sharing is not Sharing.SOBOL else 0
        for tick in range(3):
            assert bits[tick, lane].tolist() == expected(numbers, thresholds[tick, lane])


@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize("sharing", Sharing)
def test_the_error_falls_with_the_length(product: Product, sharing: Sharing) -> None:
    dot = DotProduct(12, product, 14, sharing)
    assert rms(dot, 64) > 2.5 * rms(dot, 1024) > 0
    if sharing is not Sharing.SOBOL:
        errors = np.abs(measured_errors(dot, 256, 60, 1))
        assert np.mean(errors >= dot.error(256, 0.9)) <= 0.1


def test_control_one_source_for_input_and_weight_has_an_error_that_stays() -> None:
    numbers = maximal(16, "fibonacci_left").states(0xACE1, 1 << 15)
    half = numbers < 1 << 15
    assert abs(np.mean(half & half) - 0.25) > 0.24


@pytest.mark.parametrize("sharing", Sharing)
def test_ticks_and_neurons_have_errors_of_their_own(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    dot = DotProduct(37, sharing=sharing)
    errors = measured_errors(dot, 100, 3, 5, neurons=4, ticks=2)
    assert errors.shape == (3, 2, 4)
    assert len({*errors.flat}) == 24
    monkeypatch.setattr("spikelock.models.engine.sc.measured_error.BITS_AT_ONCE", 1)  # a neuron at a time
    assert (measured_errors(dot, 100, 3, 5, neurons=4, ticks=2) == errors).all()


def test_the_seed_decides() -> None:
    dot = DotProduct(3)
    assert (measured_errors(dot, 50, 4, 1) == measured_errors(dot, 50, 4, 1)).all()
    assert (measured_errors(dot, 50, 4, 1) != measured_errors(dot, 50, 4, 2)).any()


@pytest.mark.parametrize("name", ["length", "trials", "neurons", "ticks"])
def test_numbers_below_one_are_refused(name: str) -> None:
    arguments = {"length": 10, "trials": 2, "neurons": 1, "ticks": 1, name: 0}
    with pytest.raises(BadInput, match=f"{name} = 0: at least 1"):
        measured_errors(DotProduct(2), arguments.pop("length"), arguments.pop("trials"), **arguments)
