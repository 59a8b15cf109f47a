"""Pictures of whole networks, from tables that the examples keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from spikelock.cli.svg import GREY, Picture

from .plot import COLOURS, Axis, Plot

ACCURACY = Path(__file__).parents[1] / "examples" / "digits_stochastic" / "accuracy.json"
"""Written by accuracy.py beside it; `tests/models/network/test_digits_stochastic.py` runs it again."""

CURVES = {
    "AND, spikes": ("and", "spikes"),
    "AND, values": ("and", "values"),
    "XNOR, spikes": ("xnor", "spikes"),
}
"""By name: the product, and how images come."""


def digits_streams() -> Picture:
    """Wrong answers of the digits network with bit streams, against their length."""
    table = json.loads(ACCURACY.read_text())
    images, exact = table["images"], table["exact"]["spikes"]
    lengths = sorted({row["length"] for row in table["rows"]})
    picture = Picture(640, 330, "the digits network with bit streams: wrong answers by length of a stream")
    plot = Plot(
        picture,
        60,
        40,
        380,
        230,
        Axis("bits of a stream", lengths, log=True),
        Axis(f"wrong answers for {images} images", (5, 10, 20, 50, 100, 200, 300), log=True),
    )
    for (name, (product, way)), colour in zip(CURVES.items(), COLOURS, strict=False):
        rows = [row for row in table["rows"] if row["product"] == product]
        wrong = [[images - right for right in row[way]] for row in rows]
        plot.curve(lengths, [sum(counts) / len(counts) for counts in wrong], colour)
        for length, counts in zip(lengths, wrong, strict=True):
            plot.marks([length] * len(counts), counts, colour)
        plot.entry(name, colour)
    plot.curve((lengths[0], lengths[-1]), [images - exact] * 2, GREY, "4 3")
    plot.entry("exact sums, spikes", GREY, "4 3")
    return picture


FIGURES: dict[str, Callable[[], Picture]] = {"digits-streams.svg": digits_streams}
