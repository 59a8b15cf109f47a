"""The regression's coverage: complete, or it fails and names what is missing; waivers are judged too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from spikelock.testbenches.bench import Bench
from spikelock.testbenches.code_coverage import CodePoint, to_json
from spikelock.testbenches.fabric.test_chain import BENCH as CHAIN
from spikelock.testbenches.regression.checks import coverage
from spikelock.testbenches.regression.task import Result, Task
from spikelock.testbenches.waivers import Waiver

LINE = CodePoint("line", "dut", "rtl/core.py:3", "block", 0)
BRANCHES = [CodePoint("branch", "dut", "rtl/core.py:12", what, 0) for what in ("if", "else")]
TOGGLE = CodePoint("toggle", "dut", "a__valid", "a__valid:0->1", 0)
REACHED = dict.fromkeys([LINE, *BRANCHES], 1) | {TOGGLE: 0}
BIN = "a tick causes: no spike"


def waiver(what: str) -> Waiver:
    return Waiver(what, "a reason", "A. Author", date(2026, 1, 1))


def conclude(
    monkeypatch: pytest.MonkeyPatch, code: dict[CodePoint, int], missed: Sequence[str] = (), **changed: Any
) -> dict[str, Result]:
    """What is concluded, by title, from one case that hits all bins of the chain but some."""
    bench: Bench = replace(CHAIN, **changed)
    monkeypatch.setattr(coverage, "find_bench", lambda core: bench)
    group = bench.coverage()
    hits = {
        point.name: {
            b.name: int(b.impossible is None and f"{point.name}: {b.name}" not in missed)
            for b in point.bins.values()
        }
        for point in group.points
    }
    result = Result(Task("bench", "fabric.chain"), "case", "passed", data={"raw": {"hits": hits}})
    result.data["raw"]["code"] = to_json(code)
    return {r.title: r for r in coverage.conclude("fabric.chain", "full", [result])}


def test_complete_coverage_passes_and_toggles_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = conclude(monkeypatch, REACHED)
    assert [result.status for result in found.values()] == ["passed", "passed"]
    assert found["code coverage"].data["figure"] == "line 100.0 %, branch 100.0 %, toggle 0.0 %"
    assert found["code coverage"].data["holes"] == ["toggle: a__valid: 1 of 1 never reached"]


def test_a_hole_fails_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = conclude(monkeypatch, {**REACHED, BRANCHES[1]: 0}, [BIN])
    assert found["functional coverage"].problems == [f"not covered: {BIN}"]
    assert found["code coverage"].problems == ["branch: rtl/core.py:12: 1 of 2 never reached"]
    assert {result.status for result in found.values()} == {"failed"}


def test_a_waived_hole_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    waived = {"waivers": [waiver(BIN)], "code_waivers": [waiver("branch: rtl/core.py:12")]}
    found = conclude(monkeypatch, {**REACHED, BRANCHES[1]: 0}, [BIN], **waived)
    assert {result.status for result in found.values()} == {"passed"}
    assert found["functional coverage"].data["waived"] == [f"{BIN}: a reason (A. Author, 2026-01-01)"]


def test_a_waiver_of_what_is_covered_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = conclude(
        monkeypatch, REACHED, waivers=[waiver(BIN)], code_waivers=[waiver("line: rtl/core.py:3")]
    )
    for result in found.values():
        assert "is not needed" in result.problems[0]


def test_nothing_is_concluded_where_a_case_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    without_data = Result(Task("bench", "fabric.chain", {"case": "two"}), "case two", "failed", ["broke off"])
    assert coverage.conclude("fabric.chain", "full", [without_data]) == []
