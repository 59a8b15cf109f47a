"""Stochastic arithmetic, measured: streams from each source of numbers, and plots of function and error.

Streams of N = 2^k bits come from sources of k bits, so that each source gives (nearly) a whole period:

    LFSR      maximal, of another kind and seed for each stream
    Sobol     another dimension for each stream
    Halton    another base for each stream
    counter   one for all streams, its bits turned by another number of places for each
    random    independent numbers, from NumPy
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.cli.svg import GREY, Picture
from spikelock.models.engine.sc import encoder, halton, sobol
from spikelock.models.lfsr import Kind, maximal
from spikelock.models.sc import encoder as encoder_model
from spikelock.models.sc import halton as halton_model
from spikelock.models.sc import sobol as sobol_model
from spikelock.models.sc.quantise import unipolar

from .plot import COLOURS, Axis, Plot

Bits = NDArray[np.int64]
Floats = NDArray[np.float64]

SOURCES = ("LFSR", "Sobol", "Halton", "counter", "random")
WIDTHS = range(4, 13)
"""Of the sources, from streams of 16 bits to streams of 4096."""

LENGTHS = Axis("length of the streams, bits", (10, 100, 1000, 10000), log=True)
ERRORS = Axis("mean error", (1e-4, 1e-3, 1e-2, 1e-1, 1), log=True)
SIXTEENTHS = np.arange(17) / 16
"""Values that streams of every length carry exactly."""

VALUES = np.arange(1, 17) / 17
"""Values that none carries exactly: what errors are measured with."""

PAIRS = tuple(np.meshgrid(VALUES[::2], VALUES[::2]))
"""All pairs of every other one of them."""

SHARE, SIGNED = (0, 0.25, 0.5, 0.75, 1), (-1, -0.5, 0, 0.5, 1)
"""Ticks of shares of ones, and of bipolar values."""

NINE = tuple(np.meshgrid((0.2, 0.5, 0.7), (0.2, 0.5, 0.7)))
"""Pairs of values for a mean correlation."""

FINE, FINE_SIGNED = np.linspace(0, 1, 81), np.linspace(-1, 1, 81)
"""Where ideal functions are drawn."""


def numbers(source: str, stream: int, width: int) -> Bits:
    """2^width numbers of that many bits, for stream 0, 1 or 2 of those that are to be independent."""
    index = np.arange(1 << width)
    if source == "LFSR":
        kinds: tuple[Kind, ...] = ("fibonacci_left", "galois", "fibonacci_right")
        states: Bits = maximal(width, kinds[stream]).states(1 + 5 * stream, 1 << width)
        return states
    if source == "Sobol":
        return sobol.points(sobol_model.Params(stream, width), index)
    if source == "Halton":
        return halton.points(halton_model.Params((2, 3, 5)[stream], width), index)
    if source == "random":
        return np.random.default_rng(stream).integers(0, 1 << width, 1 << width)
    turn = (0, width // 2, 1)[stream]
    return (index << turn | index >> (width - turn)) & ((1 << width) - 1)


def stream(source: str, number: int, width: int, p: ArrayLike) -> Bits:
    """Streams of probabilities p, which share one source: shape (*p.shape, 2^width)."""
    values = unipolar(p, width)[..., np.newaxis]
    bits = encoder.encode(encoder_model.Params(width), 0, numbers(source, number, width), values)
    return bits.astype(np.int64)


def share(bits: NDArray[Any]) -> Floats:
    """Ones of each stream, over its length."""
    shares: Floats = bits.mean(axis=-1)
    return shares


Measurement = Callable[[str, int], tuple[ArrayLike, ArrayLike]]
"""Of streams of a source and its width: what was measured and what is ideal, over the same values."""


@dataclass(frozen=True)
class Curve:
    """Points of a function: measured where xs are, and the ideal, which may be finer, at `ideal_xs`."""

    name: str
    xs: ArrayLike
    measured: ArrayLike
    ideal_xs: ArrayLike = ()
    ideal: ArrayLike = ()


def function_and_error(
    title: str, x: Axis, y: Axis, curves: Sequence[Curve], measure: Measurement, error: str = "mean error"
) -> Picture:
    """The ideal (lines) and the measured function (dots); beside it the mean error, by length and source."""
    picture = Picture(960, 320, title)
    left = Plot(picture, 60, 40, 270, 220, x, y)
    draw(left, curves)
    right = Plot(picture, 560, 40, 270, 220, LENGTHS, Axis(error, ERRORS.ticks, log=True))
    for source, colour in zip(SOURCES, COLOURS, strict=True):
        errors = [mean_error(measure, source, width) for width in WIDTHS]
        right.curve([1 << width for width in WIDTHS], errors, colour)
        right.marks([1 << width for width in WIDTHS], errors, colour)
        right.entry(source, colour)
    return picture


def draw(plot: Plot, curves: Sequence[Curve]) -> None:
    """Curves and their legend."""
    for curve, colour in zip(curves, COLOURS, strict=False):
        ideal_xs, xs = _floats(curve.ideal_xs), _floats(curve.xs)
        if len(ideal_xs):
            plot.curve(ideal_xs, _floats(curve.ideal), GREY)
        else:
            plot.curve(xs, _floats(curve.measured), colour)
        plot.marks(xs, _floats(curve.measured), colour)
        plot.entry(curve.name, colour)
    if any(len(_floats(curve.ideal_xs)) for curve in curves):
        plot.entry("ideal", GREY)


def mean_error(measure: Measurement, source: str, width: int) -> float:
    """Mean of the absolute errors."""
    measured, ideal = measure(source, width)
    return float(np.mean(np.abs(np.asarray(measured) - np.asarray(ideal))))


def _floats(values: ArrayLike) -> Any:
    return np.asarray(values, float).tolist()
