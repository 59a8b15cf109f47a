"""Lengths of streams: the guarantee, its inverse, and that it holds for what it is about."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spikelock.models.errors import RangeError
from spikelock.models.lfsr import maximal
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing, failure_bound, shortest_length

GUARANTEED = [sharing for sharing in Sharing if sharing is not Sharing.SOBOL]


def test_a_length_is_hoeffdings() -> None:
    dot = DotProduct(64, Product.XNOR, 20)
    left = 0.5 - dot.encoding_error
    assert dot.length(0.5, 0.99) == math.ceil(math.log(2 / 0.01) * 4 * 64 / (2 * left**2))
    assert dot.length(0.5, 0.99, events=160) == math.ceil(math.log(320 / 0.01) * 4 * 64 / (2 * left**2))


@pytest.mark.parametrize("sharing", GUARANTEED)
@pytest.mark.parametrize("product", Product)
def test_error_is_the_inverse_of_length(product: Product, sharing: Sharing) -> None:
    dot = DotProduct(20, product, 24, sharing)
    length = dot.length(0.25, 0.95, 7)
    assert dot.error(length, 0.95, 7) <= 0.25 < dot.error(length - 1, 0.95, 7)


def test_sharing_costs_as_many_times_the_length_as_synapses_share() -> None:
    spreads = {sharing: DotProduct(37, width=16, sharing=sharing).spread for sharing in Sharing}
    assert spreads[Sharing.NONE] == spreads[Sharing.NEURONS] == 37
    assert spreads[Sharing.ROTATED] == 2 * 16**2 + 5**2
    assert spreads[Sharing.INPUTS] == 37**2
    sources = {sharing: DotProduct(37, width=16, sharing=sharing).sources(10) for sharing in Sharing}
    assert sources == dict(zip(Sharing, (37 * 11, 2 * 37, 2 * 3, 2, 2), strict=True))


def independent_bits(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return random.integers(0, 2, shape)


def shared_bits(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """All synapses see the same bit: the worst that one source can do."""
    return np.broadcast_to(random.integers(0, 2, (*shape[:-1], 1)), shape)


@pytest.mark.parametrize(
    ("bits", "sharing", "holds"),
    [
        (independent_bits, Sharing.NONE, True),
        (shared_bits, Sharing.INPUTS, True),
        (shared_bits, Sharing.NONE, False),  # the control: sharing breaks a guarantee that does not count it
    ],
)
def test_the_guarantee_is_about_what_it_says(bits: Callable[..., Any], sharing: Sharing, holds: bool) -> None:
    synapses, length, trials, confidence = 32, 64, 2000, 0.9
    counts = bits(np.random.default_rng(1), (trials, length, synapses)).sum(axis=(1, 2))
    errors = np.abs(counts / length - synapses / 2)
    over = np.mean(errors >= DotProduct(synapses, sharing=sharing).error(length, confidence))
    assert (over <= 1 - confidence) is np.bool_(holds)


@pytest.mark.parametrize("width", [3, 5])
def test_encoding_loses_no_more_than_it_says(width: int) -> None:
    states = maximal(width, "galois").states(1, (1 << width) - 1)
    real = np.linspace(0, 1, 1001)
    threshold = np.rint(real * (1 << width)).astype(np.int64)
    share = (states[:, np.newaxis] < threshold).mean(axis=0)
    worst = np.abs(share - real).max()
    assert 0.75 * 1.5 * 2.0**-width < worst <= 1.5 * 2.0**-width
    exact = np.abs(share - threshold / (1 << width)).max()
    assert exact <= 2.0**-width
    assert DotProduct(7, width=width).encoding_error == 7 * 2 * 1.5 * 2.0**-width
    assert DotProduct(7, Product.XNOR, width, exact=True).encoding_error == 7 * 4 * 2.0**-width


def test_the_length_for_many_sums_is_the_shortest() -> None:
    errors, spreads = [[0.1], [0.3]], [1, 4, 0]
    length = shortest_length(errors, spreads, 0.95)
    assert failure_bound(length, errors, spreads) <= 0.05 < failure_bound(length - 1, errors, spreads)
    assert shortest_length(errors, spreads, 0.95, events=10) > length
    assert shortest_length([0.1], [0], 0.95) == 1
    assert shortest_length([], [], 0.95) == 1
    assert failure_bound(1, [1e-9], [1]) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"error": 0.0}, "error 0: it must be above 0"),
        ({"error": -1.0}, "error -1: it must be above 0"),
        ({"error": math.nan}, "error nan: it must be above 0"),
        ({"error": math.inf}, "error inf: it must be above 0, and finite"),
        ({"confidence": 0.0}, "confidence 0: it must be between 0 and 1"),
        ({"confidence": 1.0}, "confidence 1: it must be between"),
        ({"confidence": math.nan}, "confidence nan: it must be between"),
        ({"events": 0}, "0 dot products: there is at least one"),
        ({"error": 1e-4}, "can cost 0.000732, whatever the length; use a width of 19"),
        ({"error": 0.01}, r"an LFSR of 16 bits repeats itself after 65535.*use a width of 19"),
    ],
)
def test_what_no_length_gives_is_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        DotProduct(16).length(**{"error": 0.1, "confidence": 0.95, **arguments})


@pytest.mark.parametrize(
    ("length", "says"), [(0, "a stream of 0 bits"), (-5, "a stream of -5 bits"), (256, "use a width of 9")]
)
def test_impossible_lengths_are_refused(length: int, says: str) -> None:
    with pytest.raises(RangeError, match=says):
        DotProduct(1, width=8).error(length, 0.95)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"inputs": 0}, "inputs = 0"),
        ({"inputs": 1, "width": 2}, "width = 2"),
        ({"inputs": 1, "width": 63}, "63"),
    ],
)
def test_impossible_dot_products_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        DotProduct(**arguments)


def test_nothing_is_guaranteed_of_sobol_numbers() -> None:
    dot = DotProduct(4, sharing=Sharing.SOBOL)
    with pytest.raises(RangeError, match="not random"):
        dot.length(0.1, 0.95)
    with pytest.raises(RangeError, match="not random"):
        dot.error(64, 0.95)


def test_errors_too_small_for_any_stream_are_refused() -> None:
    with pytest.raises(RangeError, match="is enough"):
        shortest_length([1e-12], [1], 0.95)
