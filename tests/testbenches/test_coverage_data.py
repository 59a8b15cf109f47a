"""Coverage data: reading, adding up, and what is left out of the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from spikelock.models.errors import BadInput
from spikelock.testbenches.coverage_data import Coverage, Point, merge, read_coverage

VERILOG = r"""module dut(clk, a__valid);
  input clk;
  input a__valid;
  assign \$1  = a__valid & (* src = "core.py:12" *) inner;
  always @* begin
    if (\$auto$verilog_backend.cc:2355:dump_module$1 ) begin end
    if (\$1 ) begin
    end
  end
endmodule
"""


def point(line: int, kind: str, what: str, count: int, instance: str = "dut") -> str:
    values = {"f": "dut.v", "l": line, "n": 5, "t": kind, "page": f"v_{kind}/dut", "o": what, "h": instance}
    return "C '" + "".join(f"\1{key}\2{value}" for key, value in values.items()) + f"' {count}"


def write(file: Path, *points: str) -> Path:
    file.write_text("\n".join(["# SystemC::Coverage-3", *points, ""]))
    return file


def test_counts_of_several_runs_add_up(tmp_path: Path) -> None:
    first = write(tmp_path / "a.dat", point(7, "branch", "if", 2), point(7, "branch", "else", 0))
    second = write(tmp_path / "b.dat", point(7, "branch", "if", 3), point(5, "line", "block", 1))
    counts = merge([read_coverage(first), read_coverage(second)])
    assert counts == {
        Point("branch", "dut", 7, 5, "if"): 5,
        Point("branch", "dut", 7, 5, "else"): 0,
        Point("line", "dut", 5, 5, "block"): 1,
    }


def test_summary_counts_what_means_something(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.dat",
        point(6, "branch", "if", 0),  # Yosys' own
        point(7, "branch", "if", 0),
        point(7, "branch", "else", 4),
        point(5, "line", "block", 4),
        point(3, "toggle", "a__valid:0->1", 1),
        point(3, "toggle", "a__valid:1->0", 0),
        point(9, "toggle", "inner[3]:1->0", 0),  # not a port
        point(3, "toggle", "a__valid:0->1", 0, instance="dut.sub"),  # not of the top
    )
    coverage = Coverage(read_coverage(file), VERILOG)
    assert coverage.summary() == {"line": (1, 1), "branch": (1, 2), "toggle": (1, 2)}
    assert coverage.missing() == [
        r"branch: dut: if at core.py:12 (if (\$1 ) begin)",
        "toggle: dut: a__valid:1->0 at line 3 (input a__valid;)",
    ]


@pytest.mark.parametrize("text", ["", "something else\n", "# SystemC::Coverage-3\nC 'broken\n"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.dat").write_text(text)
    with pytest.raises(BadInput, match="coverage"):
        read_coverage(tmp_path / "a.dat")
