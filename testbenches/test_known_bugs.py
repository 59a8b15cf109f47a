"""The check that must catch a known bug does; and a bug that it misses is no pass, whatever else sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant
from spikelock.testbenches.bench import Bench, find_bench
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.fabric.test_tile import BENCH as TILE
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.known_bugs.judging import BugResult, find_bug, judge, planted
from spikelock.testbenches.neurons.test_lif import BENCH as LIF
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.pytest_plugin import Size
from spikelock.testbenches.regression.checks import known_bugs

FEW = 1
"""Bugs of a core that a short run judges: the first ones, which `rtl` must catch."""


def benches() -> list[Bench]:
    return [find_bench(core.name) for core in all_cores()]


def bugs() -> list[Any]:
    return [
        pytest.param(bench, bug, number >= FEW, id=f"{bench.core.name}-{bug.name}")
        for bench in benches()
        for number, bug in enumerate(bench.bugs)
    ]


@pytest.mark.parametrize(("bench", "bug", "only_long"), bugs())
def test_is_caught(bench: Bench, bug: KnownBug, only_long: bool, size: Size, tmp_path: Path) -> None:
    if only_long and size is Size.SHORT:
        pytest.skip("the regression judges it; tests do with --size long")
    with skipped_without_tools():
        result = judge(bench, bug, tmp_path)
    assert result.passed, str(result)


@pytest.mark.parametrize("bench", benches(), ids=lambda bench: bench.core.name)
def test_names_are_unique_and_every_edit_applies(bench: Bench) -> None:
    assert bench.bugs, "a core with no known bug has never been seen to fail"
    assert len({bug.name for bug in bench.bugs}) == len(bench.bugs)
    for bug in bench.bugs:
        planted(bench, bug).component(bench.case(bug.case).params)  # type: ignore[misc]


def test_every_kind_of_check_is_needed_by_some_bug() -> None:
    kinds = {bug.caught_by.detector for bench in benches() for bug in bench.bugs}
    without = {Detector.ASSERTION, Detector.HANDSHAKES, Detector.UNMOVED, Detector.TOOL, Detector.MUTATION}
    assert kinds == set(Detector) - without


def test_a_bug_that_only_another_check_catches_fails(tmp_path: Path) -> None:
    bug = replace(find_bug(LIF, "above-threshold"), caught_by=Catch(Detector.PROTOCOL, "rtl"))
    result = judge(LIF, bug, tmp_path)
    assert not result.passed
    assert str(result).startswith("missed by protocol at rtl, which must catch it; only scoreboard at rtl")


def test_an_edit_that_breaks_nothing_fails(tmp_path: Path) -> None:
    same = Mutant("nothing", "neurons.lif", "self.spike.eq(1)", "self.spike.eq(True)")
    result = judge(LIF, KnownBug("none", same, "rest-and-reset", Catch(Detector.SCOREBOARD, "rtl")), tmp_path)
    assert "nothing caught it: nothing" in str(result)


def test_what_else_catches_a_bug_is_told() -> None:
    bug = find_bug(LIF, "above-threshold")
    found = [Catch(Detector.RESET, "rtl"), bug.caught_by, bug.caught_by]
    result = BugResult(bug, tuple((catch, Problem(catch.detector, "wrong")) for catch in found))
    assert str(result) == "caught by scoreboard at rtl, and by reset at rtl"


def test_an_edit_that_no_longer_applies_is_an_error(tmp_path: Path) -> None:
    gone = Mutant("gone", "neurons.lif", "no such text", "")
    with pytest.raises(BadInput, match="occurs 0 times"):
        judge(LIF, KnownBug("gone", gone, "default", Catch(Detector.SCOREBOARD, "rtl")), tmp_path)


def test_unknown_names_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no known bug 'nonsense'; it has: stale-accumulator, "):
        find_bug(TILE, "nonsense")
    bug = replace(find_bug(LIF, "above-threshold"), caught_by=Catch(Detector.PROOF, "nonsense"))
    with pytest.raises(BadInput, match=r"no proof 'nonsense'.*it has: step, "):
        judge(LIF, bug, tmp_path)


def test_regression_judges_every_bug_and_a_planted_one_is_a_failure() -> None:
    tasks = known_bugs.tasks("neurons.lif", "full", seed=0)
    assert [task.arguments["bug"] for task in tasks] == [bug.name for bug in LIF.bugs]
    assert len(known_bugs.tasks("neurons.lif", "smoke", seed=0)) == known_bugs.IN_SMOKE
    assert known_bugs.run(tasks[0]).status == "passed"
    result = known_bugs.run(known_bugs.planted("neurons.lif", tasks[0].arguments["bug"], seed=0))
    assert result.status == "failed"
    assert result.detectors[0] == "scoreboard"
    assert result.again == "spikelock verify neurons.lif --plant above-threshold"
