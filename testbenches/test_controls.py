"""Controls turn every check red; and a control that does nothing is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spikelock.formal.proof import proofs
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.controls.assumptions import assumptions, with_false_assumption, without_assumption
from spikelock.testbenches.controls.comparisons import altered_model, corrupted, corrupted_by, repeated
from spikelock.testbenches.controls.corruption import Corruption, corruptions
from spikelock.testbenches.fabric.test_tile import BENCH as TILE
from spikelock.testbenches.known_bugs.judging import find_bug, planted
from spikelock.testbenches.neurons.test_lif import BENCH as LIF
from spikelock.testbenches.regression.checks import controls
from spikelock.testbenches.trial import Trial

SIZE = 120


@pytest.mark.parametrize("level", ["reference", "engine", "rtl"])
@pytest.mark.parametrize("bench", [LIF, TILE], ids=["neurons.lif", "fabric.tile"])
def test_every_corruption_is_seen(bench: Bench, level: str) -> None:
    done = list(corrupted(bench, bench.cases[0], level, 0, SIZE))
    assert [result.wrong for result in done if not result.passed] == []
    assert len(done) == (6 if "load" in bench.core.pins(bench.cases[0].params) else 5)


def test_the_first_corruptions_can_be_chosen() -> None:
    every, one = (list(corrupted(LIF, LIF.cases[0], "engine", 0, SIZE, most)) for most in (None, 1))
    assert one == every[:1]


def test_corrupted_hardware_is_seen_by_the_environment() -> None:
    """One kind of each is enough here: the regression tries all."""
    case = TILE.cases[0]
    chosen = [c for c in corruptions(Trial(TILE, case, "icarus", 0, SIZE)) if c.act == "duplicate"]
    chosen += [c for c in corruptions(Trial(TILE, case, "icarus", 0, SIZE)) if c.site == "memories"]
    assert len(chosen) == 2
    for corruption in chosen:
        with skipped_without_tools():
            result = corrupted_by(TILE, case, "icarus", 0, SIZE, corruption)
        assert result.passed, result.wrong


def test_an_altered_model_is_seen() -> None:
    result = altered_model(LIF, LIF.cases[0], 0, SIZE)
    assert result.passed, result.wrong


def test_a_corruption_that_does_nothing_is_named() -> None:
    """The lowest bit of a current in a case in which currents have no gain."""
    trial = Trial(LIF, LIF.case("no-coefficients"), "engine", 0, SIZE)
    unused = Corruption("stimulus", "flip", "input", SIZE - 1, 0)
    result = corrupted_by(LIF, trial.case, "engine", 0, SIZE, unused)
    assert not result.passed
    assert result.wrong == f"{unused}: the check stays green"


def test_a_check_that_is_red_anyway_is_no_control() -> None:
    bug = find_bug(LIF, "above-threshold")
    (result,) = corrupted(planted(LIF, bug), LIF.case(bug.case), "rtl", 0, SIZE)
    assert result.wrong.startswith("red without any corruption, too: unhindered: output: transaction ")


def test_the_same_seed_gives_the_same_run() -> None:
    result = repeated(LIF, LIF.cases[0], "rtl", 0, SIZE)
    assert result.passed, result.wrong


def test_a_run_that_depends_on_anything_else_is_named() -> None:
    first = LIF.cases[0]
    calls = 0

    def forgetful(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        nonlocal calls
        calls += 1
        return first.stimulus(np.random.default_rng(calls), size)

    result = repeated(LIF, replace(first, stimulus=forgetful), "engine", 0, SIZE)
    assert result.wrong == "seed 0 twice: unhindered: the outputs differ"


def test_a_seed_that_decides_nothing_is_named() -> None:
    first = LIF.cases[0]

    def fixed(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        return first.stimulus(np.random.default_rng(1), size)

    result = repeated(LIF, replace(first, stimulus=fixed), "engine", 0, SIZE)
    assert result.wrong == "seeds 0 and 1 give the same stimulus"


def test_assumptions_are_needed_and_a_false_one_is_seen(tmp_path: Path) -> None:
    (settings,) = (proof for proof in proofs("fabric.chain") if proof.name == "settings")
    names = assumptions(settings)
    assert "addresses_of_tile0_rows_lie_within_it" in names
    assert without_assumption(settings, names[0], tmp_path).passed
    assert with_false_assumption(settings, tmp_path).passed


def test_an_assumption_that_is_not_needed_is_named(tmp_path: Path) -> None:
    (settings,) = (proof for proof in proofs("fabric.chain") if proof.name == "settings")
    result = without_assumption(settings, "no_such_assumption", tmp_path)
    assert result.wrong == "proof settings, not assumed: no such assumption: the check stays green"


def test_regression_tries_every_level() -> None:
    full = controls.tasks("neurons.lif", "full", seed=0)
    levels = {task.arguments.get("level") for task in full}
    assert {"reference", "engine", "rtl", "cocotb", "icarus"} <= levels
    smoke = controls.tasks("neurons.lif", "smoke", seed=0)
    assert [controls.run(task).status for task in smoke] == ["passed", "passed"]
