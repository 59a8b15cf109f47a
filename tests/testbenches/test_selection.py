"""Which cases slow levels have: none is without a simulator, an environment, or a netlist."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from spikelock.testbenches.known_bugs.judging import find_bug
from spikelock.testbenches.levels import LEVELS, NETLISTS
from spikelock.testbenches.neurons.test_lif import BENCH as LIF
from spikelock.testbenches.selection import cases_at

SLOW = ("cocotb", "icarus", *NETLISTS)


@pytest.fixture(autouse=True)
def icarus(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were installed."""
    monkeypatch.setattr(shutil, "which", lambda program: f"/bin/{program}")


@pytest.mark.parametrize("level", [level for level in LEVELS if level not in SLOW])
def test_quick_levels_have_every_case(level: str) -> None:
    assert list(cases_at(LIF, level)) == list(LIF.cases)


@pytest.mark.parametrize("level", ["cocotb", "netlist-ice40"])
def test_slow_levels_have_the_first(level: str) -> None:
    assert list(cases_at(replace(LIF, bugs=()), level)) == [LIF.cases[0]]


def test_icarus_has_other_parameters_than_cocotb() -> None:
    (chosen,) = cases_at(replace(LIF, bugs=()), "icarus")
    assert chosen.params != LIF.cases[0].params
    (chosen,) = cases_at(replace(LIF, bugs=(), cases=LIF.cases[:1]), "icarus")
    assert chosen == LIF.cases[0]


def test_the_second_technology_is_left_to_the_regression() -> None:
    assert not cases_at(replace(LIF, bugs=()), "netlist-ecp5")


def test_a_case_in_which_a_bug_must_be_caught_is_there() -> None:
    (bug,) = (bug for bug in LIF.bugs if bug.caught_by.where == "cocotb")
    last = LIF.cases[-1]
    moved = replace(LIF, bugs=[replace(find_bug(LIF, bug.name), case=last.name)])
    assert cases_at(moved, "cocotb") == [LIF.cases[0], last]


def test_without_icarus_cocotb_has_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    assert list(cases_at(LIF, "cocotb")) == list(LIF.cases)


def test_a_level_may_be_left_to_long_runs() -> None:
    slow = replace(LIF, only_long=["netlist-ice40"])
    assert list(cases_at(slow, "netlist-ice40")) == []
    assert cases_at(slow, "rtl") == cases_at(LIF, "rtl")
