"""Pictures of precision: error by length, guaranteed and measured; and what flipped bits do.

The data of the second is kept in `fault_tolerance.json`, which `benchmarks/fault_tolerance.py` makes.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from spikelock.cli.svg import Picture
from spikelock.models.engine.sc.measured_error import measured_errors
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing

from .plot import COLOURS, Axis, Plot

DATA = Path(__file__).with_name("fault_tolerance.json")
LENGTHS = [1 << k for k in range(4, 13)]
SHOWN = {
    Sharing.NONE: "an LFSR for each",
    Sharing.INPUTS: "one for all inputs",
    Sharing.SOBOL: "one, Sobol",
}

STYLES = {
    "8-bit weights": (COLOURS[1], ""),
    "streams, 2048 bits": (COLOURS[0], ""),
    "streams, 256 bits": (COLOURS[0], "4 3"),
    "fabric.tile, registers": (COLOURS[1], ""),
    "fabric.tile, memories": (COLOURS[1], "4 3"),
    "sc.tile, registers": (COLOURS[0], ""),
    "sc.tile, memories": (COLOURS[0], "4 3"),
    "sc.tile, sources": (COLOURS[2], ""),
}
"""Colour and dashes of a curve."""


def errors_by_length() -> Picture:
    """Of a dot product of 16 synapses, by what shares a source: lines are guaranteed, dots measured."""
    picture = Picture(1060, 320, "Error of a dot product of 16 synapses, 95 % below: guaranteed and measured")
    for left, product in ((60, Product.AND), (590, Product.XNOR)):
        lengths = Axis("length of the streams, bits", (10, 100, 1000, 10000), log=True)
        error = Axis(f"error of the sum, {product.value}", (1e-3, 1e-2, 1e-1, 1, 10, 100), log=True)
        plot = Plot(picture, left, 40, 270, 220, lengths, error)
        for (sharing, name), colour in zip(SHOWN.items(), COLOURS, strict=False):
            dot = DotProduct(16, product, sharing=sharing)
            if sharing is not Sharing.SOBOL:
                plot.curve(LENGTHS, [dot.error(length, 0.95) for length in LENGTHS], colour)
            measured = [np.quantile(np.abs(measured_errors(dot, n, 100)), 0.95).item() for n in LENGTHS]
            plot.marks(LENGTHS, measured, colour)
            plot.entry(name, colour)
    return picture


def fault_tolerance() -> Picture:
    """Accuracy against flips in streams and words; wrong spikes against upsets in the RTL."""
    data = json.loads(DATA.read_text())
    picture = Picture(
        1060, 320, "Flipped bits: in what goes into the arithmetic, and in the state of the RTL"
    )
    rates = Axis("probability that a bit flips on its way", (1e-4, 1e-3, 1e-2, 1e-1, 1), log=True)
    shares = (0, 0.2, 0.4, 0.6, 0.8, 1)
    left = Plot(picture, 60, 40, 270, 220, rates, Axis("accuracy, digits", shares))
    upsets = Axis(
        "probability that a bit of state flips in a cycle", (1e-8, 1e-7, 1e-6, 1e-5, 1e-4), log=True
    )
    right = Plot(picture, 590, 40, 270, 220, upsets, Axis("part of the spikes that is wrong", shares[:4]))
    for plot, part in ((left, "streams"), (right, "registers")):
        for curve in data[part]["curves"]:
            colour, dash = STYLES[curve["name"]]
            xs, ys = zip(*((rate, value) for rate, value in curve["points"] if rate > 0), strict=True)
            plot.curve(xs, ys, colour, dash)
            plot.marks(xs, ys, colour)
            plot.entry(curve["name"], colour, dash)
    return picture


FIGURES = {"precision.svg": errors_by_length, "fault-tolerance.svg": fault_tolerance}
