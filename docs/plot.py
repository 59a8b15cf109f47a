"""Plots in SVG: curves and marks in a frame with axes, linear or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spikelock.cli.svg import BLUE, FAINT, GREY, INK, RED, Picture

GREEN, ORANGE = "#1a7f37", "#bc4c00"
COLOURS = (BLUE, RED, GREEN, ORANGE, INK)
"""Of the curves of a plot, in order."""


@dataclass(frozen=True)
class Axis:
    """name: what is drawn along it. ticks: marked values, which begin and end it. log: to base 10."""

    name: str
    ticks: Sequence[float]
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value is: 0 at the first tick, 1 at the last; values beyond are at the ends."""
        low, high = self._scaled(self.ticks[0]), self._scaled(self.ticks[-1])
        return min(max((self._scaled(value) - low) / (high - low), 0.0), 1.0)

    def _scaled(self, value: float) -> float:
        if not self.log:
            return float(value)
        return math.log10(value) if value > 0 else -math.inf


class Plot:
    """A frame of `width` by `height` pixels in a picture, with its upper left corner at (left, top)."""

    def __init__(
        self, picture: Picture, left: float, top: float, width: float, height: float, x: Axis, y: Axis
    ) -> None:
        self.picture, self.x, self.y = picture, x, y
        self.left, self.top, self.width, self.height = left, top, width, height
        self._entries = 0
        bottom, right = top + height, left + width
        for value in x.ticks:
            at = left + x.place(value) * width
            picture.line([(at, top), (at, bottom)], FAINT, 0.5)
            picture.text(at, bottom + 16, _number(value), "middle", GREY, 11)
        for value in y.ticks:
            at = bottom - y.place(value) * height
            picture.line([(left, at), (right, at)], FAINT, 0.5)
            picture.text(left - 6, at + 4, _number(value), "end", GREY, 11)
        picture.line([(left, top), (left, bottom), (right, bottom), (right, top), (left, top)], GREY, 1)
        picture.text(left + width / 2, bottom + 34, x.name, "middle", INK, 12)
        picture.text(left, top - 10, y.name, "start", INK, 12)

    def curve(self, xs: Iterable[float], ys: Iterable[float], colour: str, dash: str = "") -> None:
        """A line through points."""
        self.picture.line(self._points(xs, ys), colour, 1.5, dash)

    def marks(self, xs: Iterable[float], ys: Iterable[float], colour: str) -> None:
        """A dot at each point."""
        for x, y in self._points(xs, ys):
            self.picture.dot(x, y, colour, 2.5)

    def entry(self, words: str, colour: str, dash: str = "") -> None:
        """A line of the legend, to the right of the frame."""
        x, y = self.left + self.width + 12, self.top + 12 + 18 * self._entries
        self._entries += 1
        self.picture.line([(x, y - 4), (x + 16, y - 4)], colour, 2, dash)
        self.picture.text(x + 22, y, words, "start", INK, 12)

    def _points(self, xs: Iterable[float], ys: Iterable[float]) -> list[tuple[float, float]]:
        # a tenth of a pixel: the last bits of a sine may differ from machine to machine
        return [
            (
                round(self.left + self.x.place(float(x)) * self.width, 1),
                round(self.top + self.height - self.y.place(float(y)) * self.height, 1),
            )
            for x, y in zip(xs, ys, strict=True)
        ]


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")
