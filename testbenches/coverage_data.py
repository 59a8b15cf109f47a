"""Line, branch and toggle coverage as Verilator writes it: read, merge, summarise, and name what is missing.

A data file has one line a point: `C '<keys and values>' <count>`, where byte 1 precedes a key and byte 2 its
value (`f` file, `l` line, `n` column, `t` kind, `o` what at that place, `h` instance). Lockstep and cocotb
give the same points for the same Verilog, so their counts add up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from spikelock.models.errors import BadInput

from .places import place

KINDS = ("line", "branch", "toggle")

INNER_TOGGLE = re.compile("\1t\2toggle\1.*\1h\2[^\1']*\\.")
"""A toggle of an instance that stands in another one, whose name has a dot."""


@dataclass(frozen=True, order=True)
class Point:
    """One thing that can be covered. `what`: the branch taken, or `signal[bit]:0->1`."""

    kind: str
    instance: str
    line: int
    column: int
    what: str


AnyPoint = TypeVar("AnyPoint")

Counts = Mapping[Point, int]
"""How often each point was reached."""


def read_coverage(file: Path) -> Counts:
    """Points of a data file, without the toggles inside submodules, which are by far the most.

    Raises BadInput where it is not one.
    """
    lines = file.read_text(encoding="latin-1").splitlines()
    if not lines or not lines[0].startswith("# SystemC::Coverage"):
        raise BadInput(
            f"{file} is not Verilator coverage data: its first line must be '# SystemC::Coverage-3'"
        )
    counts: Counter[Point] = Counter()
    for line in lines[1:]:
        if INNER_TOGGLE.search(line):
            continue
        match = re.fullmatch(r"C '(.*)' (\d+)", line)
        if match is None:
            raise BadInput(f"{file}: not a coverage point: {line!r}")
        keys = dict(pair.split("\2", 1) for pair in match[1].split("\1") if pair)
        instance, what = _verilog_names(keys["h"]), _verilog_names(keys["o"])
        point = Point(keys["t"], instance, int(keys["l"]), int(keys["n"]), what)
        counts[point] += int(match[2])
    return counts


def _verilog_names(text: str) -> str:
    """Names as in the Verilog, where Verilator writes `input___05Fvalid` for `input__valid`."""
    return re.sub(r"__0([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), text)


def merge(parts: Iterable[Mapping[AnyPoint, int]]) -> dict[AnyPoint, int]:
    """Counts of several runs of the same points, added."""
    total: Counter[AnyPoint] = Counter()
    for part in parts:
        for point, count in part.items():  # not update, which would leave out what was never reached
            total[point] += count
    return dict(total)


@dataclass(frozen=True)
class Coverage:
    """Counts of the points of a design that mean something, and the Verilog they are points of.

    Left out are toggles of anything but the ports of the top module, and the empty branches that Yosys writes
    to start each `always` block.
    """

    counts: Counts
    verilog: str
    top: str = "dut"

    def relevant(self, kind: str) -> dict[Point, int]:
        """The points of a kind that count."""
        keep = self._is_port_toggle if kind == "toggle" else self._is_written_by_hand
        return {point: count for point, count in self.counts.items() if point.kind == kind and keep(point)}

    def summary(self) -> dict[str, tuple[int, int]]:
        """For each kind, the points that were reached and how many there are."""
        points = {kind: self.relevant(kind) for kind in KINDS}
        return {kind: (sum(count > 0 for count in some.values()), len(some)) for kind, some in points.items()}

    def missing(self) -> list[str]:
        """Each point that was not reached, with its place in the Amaranth source where that is known."""
        return [
            f"{point.kind}: {point.instance}: {point.what} at {self._place(point)}"
            for kind in KINDS
            for point, count in sorted(self.relevant(kind).items())
            if not count
        ]

    def _is_port_toggle(self, point: Point) -> bool:
        return point.instance == self.top and re.split(r"[\[:]", point.what)[0] in self._ports

    def _is_written_by_hand(self, point: Point) -> bool:
        return "verilog_backend" not in self.text(point)

    @cached_property
    def _ports(self) -> set[str]:
        return port_names(self.verilog, self.top)

    @cached_property
    def _lines(self) -> list[str]:
        return self.verilog.splitlines()

    def text(self, point: Point) -> str:
        """Its line of Verilog."""
        return self._lines[point.line - 1].strip() if 0 < point.line <= len(self._lines) else ""

    def _place(self, point: Point) -> str:
        """The line of Verilog, and the source line of the expression it tests or holds."""
        return f"{self.source(point) or f'line {point.line}'} ({self.text(point)})"

    def source(self, point: Point) -> str:
        """The source line of the expression that it tests or holds; empty where that is not known."""
        if known := place(self.verilog, point.line):
            return known
        text = self.text(point)
        for line in (text, *self._definitions(point.line, re.findall(r"\\\$\d+", text))):
            if source := re.search(r'\(\* src = "([^"]*)" \*\)', line):
                return source[1]
        return ""

    def _definitions(self, line: int, names: list[str]) -> list[str]:
        """The assignments to Yosys' unnamed wires, which it writes above their use; the nearest first."""
        numbers = [n for name in names for n in self._assignments.get(name, ()) if n < line]
        return [self._lines[number - 1] for number in sorted(numbers, reverse=True)]

    @cached_property
    def _assignments(self) -> dict[str, list[int]]:
        """Lines that assign to each unnamed wire; every module numbers its own."""
        found: dict[str, list[int]] = {}
        for number, text in enumerate(self._lines, 1):
            if match := re.match(r"  assign (\\\$\d+) ", text):
                found.setdefault(match[1], []).append(number)
        return found


def port_names(verilog: str, top: str) -> set[str]:
    """Ports of a module in Verilog written by Yosys."""
    header = re.search(rf"^module \\?{re.escape(top)} ?\((.*?)\);", verilog, re.MULTILINE | re.DOTALL)
    if header is None:
        raise BadInput(f"the Verilog has no module {top!r}")
    return {name.strip().lstrip("\\") for name in header[1].split(",")}
