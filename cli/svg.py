"""Small SVG pictures: timing diagrams, traces and rasters. Text in, text out, the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

INK, GREY, FAINT = "#24292f", "#6e7781", "#c4ccd4"
BLUE, RED, FILL = "#0969da", "#cf222e", "#ddf4ff"


@dataclass
class Picture:
    """Shapes on a white sheet of `width` by `height` pixels; the origin is at the top left."""

    width: float
    height: float
    title: str
    shapes: list[str] = field(default_factory=list)

    def line(
        self, points: Sequence[tuple[float, float]], colour: str = INK, width: float = 1.5, dash: str = ""
    ) -> None:
        """A line through all the points."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.shapes.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'
        )

    def steps(self, left: float, base: float, width: float, heights: Sequence[float], colour: str) -> None:
        """A line that holds each height above `base` for `width`."""
        edges = [(left + i * width, base - height) for i, height in enumerate(heights)]
        self.line([point for x, y in edges for point in ((x, y), (x + width, y))], colour)

    def area(self, points: Sequence[tuple[float, float]], fill: str = FILL, colour: str = INK) -> None:
        """A filled polygon."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.shapes.append(f'<polygon points="{path}" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>')

    def dot(self, x: float, y: float, colour: str = INK, radius: float = 3.5) -> None:
        """A spike in a raster, or a point in a plot."""
        self.shapes.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>')

    def text(
        self, x: float, y: float, words: str, anchor: str = "start", colour: str = INK, size: float = 13
    ) -> None:
        """Words that begin at, end at or are centred on x: anchor start, end or middle."""
        self.shapes.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="{size:g}">'
            f"{escape(words)}</text>"
        )

    def __str__(self) -> str:
        size = f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" role="img">',
                f"<title>{escape(self.title)}</title>",
                f'<rect width="{self.width:g}" height="{self.height:g}" rx="6" fill="white"/>',
                *self.shapes,
                "</svg>\n",
            ]
        )


@dataclass(frozen=True)
class Wave:
    """One signal of a timing diagram: a value each cycle. A bus carries words, None where it has none."""

    name: str
    values: Sequence[bool | str | None]


def timing_diagram(title: str, waves: Sequence[Wave | None], cycle: float = 52) -> Picture:
    """A clock, then the waves below it, one row each; None leaves a gap. Values are those an edge sees."""
    left, row, high = 150, 30, 18
    cycles = max(len(wave.values) for wave in waves if wave)
    picture = Picture(left + cycles * cycle + 20, row * (len(waves) + 1) + 46, title)
    bottom = row * (len(waves) + 1) + 20
    for edge in range(cycles):  # the rising edge at the end of each cycle
        x = left + (edge + 1) * cycle
        picture.line([(x, 16), (x, bottom)], FAINT, 1, "3 3")
        picture.text(x, bottom + 16, str(edge), "middle", GREY, 11)
    picture.text(left - 12, bottom + 16, "edge", "end", GREY, 11)

    picture.text(left - 12, 16 + high - 3, "clk", "end")
    picture.steps(left, 16, cycle / 2, [-high * (half % 2) for half in range(2 * cycles)], INK)
    for number, wave in enumerate(waves, start=1):
        if wave:
            _wave(picture, wave, left, 16 + number * row, cycle, high)
    return picture


def _wave(picture: Picture, wave: Wave, left: float, top: float, cycle: float, high: float) -> None:
    picture.text(left - 12, top + high - 3, wave.name, "end")
    if isinstance(wave.values[0], bool):
        picture.steps(left, top + high, cycle, [high * bool(value) for value in wave.values], BLUE)
        return
    start = 0
    for i in range(1, len(wave.values) + 1):
        if i < len(wave.values) and wave.values[i] == wave.values[start]:
            continue
        a, b, value = left + start * cycle, left + i * cycle, wave.values[start]
        middle = top + high / 2
        if value is None:
            picture.line([(a, middle), (b, middle)], FAINT)
        else:
            picture.area(
                [
                    (a, middle),
                    (a + 4, top),
                    (b - 4, top),
                    (b, middle),
                    (b - 4, top + high),
                    (a + 4, top + high),
                ]
            )
            picture.text((a + b) / 2, top + high - 4, str(value), "middle", INK, 12)
        start = i
