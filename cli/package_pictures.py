"""Pictures of a package: traffic of its bridges with the dies' temperatures, and how they rise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.package.plan import Plan
from spikelock.models.package.topology import Kind

from .svg import BLUE, FAINT, GREY, INK, RED, Picture

SIDE, PITCH, MARGIN, TOP = 96, 170, 70, 84
COLOURS = (BLUE, RED, "#1a7f37", "#bc4c00", "#8250df", INK)


def bridges(made: Plan, degrees: Sequence[float]) -> Picture:
    """Events by bridge and direction; the warmer a die, the redder."""
    package = made.package
    columns, rows = (max(place[i] for place in package.places) + 1 for i in (0, 1))
    title = f"events by bridge, of {made.samples} samples; temperatures in the end"
    width = max(2 * MARGIN + (columns - 1) * PITCH + SIDE, 540)
    picture = Picture(width, TOP + MARGIN + (rows - 1) * PITCH + SIDE, title)
    picture.text(MARGIN - 20, 24, title, size=14)
    centres = [
        (MARGIN + SIDE / 2 + x * PITCH, TOP + SIDE / 2 + (rows - 1 - y) * PITCH) for x, y in package.places
    ]
    most = max(1, made.routes.highest)
    for (a, b), events in made.routes.loads.items():
        (ax, ay), (bx, by) = centres[a], centres[b]
        length = math.hypot(bx - ax, by - ay)
        # aside, so that the two directions do not cover each other
        dx, dy = -(by - ay) / length * 9, (bx - ax) / length * 9
        begin, end = (ax + dx, ay + dy), (bx + dx, by + dy)
        if package.kind is Kind.TORUS and length > 1.5 * PITCH:  # round the torus: only the way out is drawn
            reach = (SIDE / 2 + 30) / length
            end = begin[0] - (bx - ax) * reach, begin[1] - (by - ay) * reach
        colour = RED if events == made.routes.highest else (INK if events else FAINT)
        picture.line([begin, end], colour, 1 + 4 * events / most)
        x, y = (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2
        if end != (bx + dx, by + dy):
            x, y = end
        arrow = _arrow(end[0] - begin[0], end[1] - begin[1])
        words = f"{arrow}{events:,}"
        if abs(dx) > abs(dy):
            picture.text(x + math.copysign(6, dx), y + 4, words, "start" if dx > 0 else "end", size=10)
        else:
            picture.text(x, y + (14 if dy > 0 else -6), words, "middle", size=10)
    low, high = min(degrees), max(degrees)
    for die, (x, y) in enumerate(centres):
        warm = (degrees[die] - low) / (high - low) if high > low else 0.0
        half = SIDE / 2
        corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
        picture.area(corners, f"#ff{round(245 - 90 * warm):02x}{round(240 - 110 * warm):02x}", GREY)
        held = sum(len(part.neurons) for part, at in zip(made.parts, made.dies, strict=True) if at == die)
        picture.text(x, y - 20, f"die {die}" + (" host" if die == package.host else ""), "middle", size=12)
        picture.text(x, y, f"{held} neurons", "middle", size=11)
        picture.text(x, y + 20, f"{degrees[die]:.2f} °C", "middle", size=11)
    return picture


def _arrow(dx: float, dy: float) -> str:
    if abs(dx) >= abs(dy):
        return "→ " if dx > 0 else "← "
    return "↓ " if dy > 0 else "↑ "


def temperatures(times: NDArray[Any], degrees: NDArray[np.float64], ambient: float) -> Picture:
    """How the dies grow warm; time is logarithmic. Shape of degrees: (times, dies)."""
    left, top, width, height = 70, 44, 420, 220
    picture = Picture(left + width + 120, top + height + 60, "die temperatures from the moment work begins")
    picture.text(left, 24, picture.title, size=14)
    first, last = math.floor(math.log10(times[0])), math.ceil(math.log10(times[-1]))
    highest = max(float(degrees.max()), ambient + 1e-3)

    def at(seconds: float, value: float) -> tuple[float, float]:
        x = left + (math.log10(seconds) - first) / (last - first) * width
        return round(x, 1), round(top + height - (value - ambient) / (highest - ambient) * height, 1)

    for power in range(first, last + 1):
        x, _ = at(10.0**power, ambient)
        picture.line([(x, top), (x, top + height)], FAINT, 0.5)
        picture.text(x, top + height + 16, f"{10.0**power:g}", "middle", GREY, 10)
    for part in range(5):
        value = ambient + (highest - ambient) * part / 4
        _, y = at(times[0], value)
        picture.line([(left, y), (left + width, y)], FAINT, 0.5)
        picture.text(left - 6, y + 4, f"{value:.2f}", "end", GREY, 10)
    picture.text(left + width / 2, top + height + 36, "seconds", "middle", INK, 12)
    picture.text(left - 6, top - 6, "°C", "end", INK, 12)
    for die, curve in enumerate(degrees.T.tolist()):
        colour = COLOURS[die % len(COLOURS)]
        picture.line([at(t, v) for t, v in zip(times.tolist(), curve, strict=True)], colour)
        if die < 12:
            picture.text(left + width + 12, top + 12 + 17 * die, f"die {die}", "start", colour, 12)
    return picture
