"""Code coverage of a core: designs add up by source line, holes are listed, the worst first."""

from __future__ import annotations

import json

from spikelock.testbenches.code_coverage import GATED, counts_of, from_json, holes, summary, to_json
from spikelock.testbenches.coverage_data import Coverage, Point, merge

VERILOG = r"""module dut(clk, a__valid);
  input clk;
  input a__valid;
  assign \$1  = a__valid & (* src = "/some/where/spikelock/rtl/core.py:12" *) inner;
  always @* begin
    if (\$1 ) begin
    end
    if (\$9 ) begin
    end
  end
endmodule
"""


def design(then: int, otherwise: int, unknown: int, rising: int, wire: str = r"\$1") -> Coverage:
    """A design; `wire` differs in number from design to design, as Yosys' own names do."""
    return Coverage(
        {
            Point("branch", "dut", 6, 5, "if"): then,
            Point("branch", "dut", 6, 5, "else"): otherwise,
            Point("branch", "dut", 8, 5, "if"): unknown,
            Point("toggle", "dut", 3, 5, "a__valid:0->1"): rising,
            Point("toggle", "dut", 3, 5, "a__valid:1->0"): 0,
        },
        VERILOG.replace(r"\$1 ", f"{wire} "),
    )


def test_holes_are_by_source_line_worst_first() -> None:
    counts = counts_of(design(0, 0, 0, 1))
    assert [str(hole) for hole in holes(counts)] == [
        "branch: rtl/core.py:12: 2 of 2 never reached",
        "branch: if ($ ) begin: 1 of 1 never reached",
        "toggle: a__valid: 1 of 2 never reached",
    ]
    assert [hole.name for hole in holes(counts, GATED)] == [
        "branch: rtl/core.py:12",
        "branch: if ($ ) begin",
    ]


def test_designs_add_up() -> None:
    total = merge([counts_of(design(1, 0, 1, 0)), counts_of(design(0, 2, 0, 1, r"\$7"))])
    assert summary(total) == {"line": (0, 0), "branch": (3, 3), "toggle": (1, 2)}
    assert holes(total, GATED) == []


def test_points_of_one_place_are_told_apart() -> None:
    coverage = design(1, 1, 1, 1)
    twice = Coverage({**coverage.counts, Point("branch", "dut.b", 6, 5, "if"): 0}, VERILOG)
    assert [str(hole) for hole in holes(counts_of(twice), GATED)] == [
        "branch: rtl/core.py:12: 1 of 3 never reached"
    ]


def test_parts_of_one_name_add_up() -> None:
    points = {Point("branch", f"dut.tile{number}", 6, 5, "if"): number for number in range(3)}
    assert summary(counts_of(Coverage(points, VERILOG)))["branch"] == (1, 1)


def test_counts_survive_json() -> None:
    counts = counts_of(design(1, 0, 1, 0))
    assert from_json(json.loads(json.dumps(to_json(counts)))) == counts
