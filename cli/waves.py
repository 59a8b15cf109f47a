"""A capture of a board's probe as text and as a picture: spikes as a raster, everything else as waves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spikelock.drivers.scope import Capture
from spikelock.models.board.taps import Source
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints, Q

from .raster import braille
from .svg import BLUE, FAINT, GREY, INK, RED, Picture

BARS = "▁▂▃▄▅▆▇█"


def has_raster(capture: Capture) -> bool:
    """The samples are events."""
    return capture.source in (Source.OUTPUT, Source.INPUT)


def text(capture: Capture, width: int = 100) -> list[str]:
    """Lines: where the trigger is, a raster of events or a wave of each field, a column a sample."""
    first, last = (int(capture.cycles[at]) for at in (0, -1))
    lines = [
        f"{capture.source.name}: {len(capture.samples)} samples, cycles {first:,} … {last:,} from the "
        f"trigger ({1e6 * (last - first) / capture.clock:,.1f} µs)"
    ]
    if has_raster(capture):
        raster, addresses = _raster(capture)
        lines += [f"spikes, a tick from left to right, addresses {addresses[0]} … {addresses[-1]} downwards"]
        lines += [f"  {line}" for line in braille(raster[: 2 * width])]
    start = max(0, min(capture.trigger - width // 2, len(capture.samples) - width))
    shown = slice(start, start + width)
    label = max(map(len, capture.layout.fields))
    for name, q in capture.layout.fields.items():
        values = capture.samples[name][shown]
        span = f"  {values.min()} … {values.max()}" if q.width > 1 else ""
        lines.append(f"{name:>{label}} {wave(values, q)}{span}")
    lines.append(" " * (label + 1 + capture.trigger - start) + "▲ trigger")
    return lines


def wave(values: Ints, q: Q) -> str:
    """A character a value: high or low for a bit, else a bar between the least and the greatest."""
    if q.width == 1:
        return "".join("▁▔"[int(value)] for value in values)
    least, span = int(values.min()), max(1, int(values.max()) - int(values.min()))
    return "".join(BARS[(int(value) - least) * (len(BARS) - 1) // span] for value in values)


def picture(capture: Capture) -> Picture:
    """Time to the right, in clock cycles; a dot for a spike, a line for a mark, steps for what stays."""
    left, right, row = 130, 900, 46
    first, span = int(capture.cycles[0]), max(1, int(capture.cycles[-1] - capture.cycles[0]))

    def x(cycle: int) -> float:
        return left + (right - left) * (cycle - first) / span

    fields = {} if has_raster(capture) else capture.layout.fields
    height = 260 if has_raster(capture) else row * len(fields)
    drawn = Picture(right + 30, height + 70, f"{capture.source.name} around the trigger")
    if has_raster(capture):
        _draw_events(drawn, capture, x, 20, height)
    for number, (name, q) in enumerate(fields.items()):
        base = 20 + row * number + row - 12
        values = capture.samples[name]
        most = max(1, (1 if q.width == 1 else int(values.max())))
        drawn.text(left - 12, base, name, "end")
        drawn.text(right + 4, base, "" if q.width == 1 else str(most), colour=GREY, size=11)
        points = []
        for index, value in enumerate(values.tolist()):
            y = base - (row - 18) * value / most
            after = capture.cycles[min(index + 1, len(values) - 1)]
            points += [(x(int(capture.cycles[index])), y), (x(int(after)), y)]
        drawn.line(points, BLUE)
    drawn.line([(x(0), 14), (x(0), height + 24)], RED, 1, "4 3")
    drawn.text(x(0), height + 40, "trigger", "middle", RED, 12)
    for cycle, anchor in ((first, "start"), (first + span, "end")):
        drawn.text(x(cycle), height + 58, f"{cycle:,} cycles", anchor, GREY, 11)
    return drawn


def _draw_events(
    drawn: Picture, capture: Capture, x: Callable[[int], float], top: float, height: float
) -> None:
    spikes = capture.samples["kind"] == Kind.SPIKE
    most = max(1, int(capture.samples["address"][spikes].max(initial=1)))
    drawn.text(118, top + 8, "address 0", "end")
    drawn.text(118, top + height - 4, str(most), "end")
    for cycle, kind, address in zip(
        capture.cycles.tolist(), capture.samples["kind"], capture.samples["address"], strict=True
    ):
        if kind == Kind.SPIKE:
            drawn.dot(x(cycle), top + 4 + (height - 8) * int(address) / most)
        elif kind == Kind.TICK:
            drawn.line([(x(cycle), top), (x(cycle), top + height)], FAINT, 1)
        else:
            drawn.line([(x(cycle), top), (x(cycle), top + height)], INK, 1)


def _raster(capture: Capture) -> tuple[NDArray[np.bool_], list[int]]:
    """Who spiked in which tick of the capture: shape (ticks, addresses), and these addresses."""
    kind, address = capture.samples["kind"], capture.samples["address"]
    tick = np.cumsum(kind == Kind.TICK) - (kind == Kind.TICK)
    spike = kind == Kind.SPIKE
    least, most = (int(address[spike].min()), int(address[spike].max())) if spike.any() else (0, 0)
    raster = np.zeros((int(tick[-1]) + 1, most - least + 1), np.bool_)
    raster[tick[spike], address[spike] - least] = True
    return raster, list(range(least, most + 1))
