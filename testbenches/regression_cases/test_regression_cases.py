"""A failure becomes a small case in a file: red with a broken core at every level, green with a sound one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module

from spikelock.formal.proof import Proof, proofs
from spikelock.formal.properties import Inside, claim, cover
from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant
from spikelock.testbenches.bench import Bench, find_bench
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.checking import check
from spikelock.testbenches.known_bugs.judging import find_bug
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.regression.checks import replay as checks_replay
from spikelock.testbenches.regression.checks import search as checks_search
from spikelock.testbenches.regression_cases import (
    RegressionCase,
    committed_cases,
    kept_stimuli,
    load,
    replay,
    shrink,
    store_smallest,
)
from spikelock.testbenches.regression_cases.counterexamples import store_counterexample
from spikelock.testbenches.regression_cases.search import search
from spikelock.testbenches.regression_cases.storing import failing_case

LIF = find_bench("neurons.lif")
TILE = find_bench("fabric.tile")
KEPT = [file for core in all_cores() for file in kept_stimuli(core.name)]
COMMITTED = [file for core in all_cores() for file in committed_cases(core.name)]
ONE_OF_EACH_CORE = [files[0] for core in all_cores() if (files := committed_cases(core.name))]

ABOVE_THRESHOLD = find_bug(LIF, "above-threshold").mutant
"""No spike at the threshold itself."""


def replayed(case: RegressionCase, level: str, **options: Any) -> Any:
    with skipped_without_tools():
        return replay(case, level, **options)


def name_of(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


# ---------------------------------------------------------------- cases that are kept with the cores


@pytest.mark.parametrize("level", ["reference", "engine", "rtl"])
@pytest.mark.parametrize("file", COMMITTED + KEPT, ids=name_of)
def test_a_kept_case_passes(file: Path, level: str) -> None:
    result = replayed(load(file), level)
    assert result.passed, result.problems
    assert result.transactions > 0


@pytest.mark.parametrize("level", ["cocotb", "netlist-ice40"])
@pytest.mark.parametrize("file", ONE_OF_EACH_CORE, ids=name_of)
def test_a_kept_case_passes_at_slower_levels(file: Path, level: str) -> None:
    result = replayed(load(file), level)
    assert result.passed, result.problems


@pytest.mark.parametrize("file", COMMITTED, ids=name_of)
def test_a_kept_case_fails_with_its_bug(file: Path) -> None:
    """Each has the name of the known bug that it shows."""
    case = load(file)
    bug = find_bug(find_bench(case.core.name), file.stem)
    result = replayed(case, "rtl", component=bug.mutant.component(case.core.name, case.params))
    assert result.as_recorded, result


# ---------------------------------------------------------------- from a failure to a case


@cache
def stored(folder: Path) -> RegressionCase:
    """A broken neuron, found by random stimulus at rtl, shrunk, written and read."""
    broken = replace(LIF, component=lambda params: ABOVE_THRESHOLD.component("neurons.lif", params))
    case = LIF.case("rest-and-reset")
    result = check(broken, case, "rtl", size=1_000)
    assert not result.passed
    file = store_smallest(broken, case, "rtl", result, folder)
    assert file is not None
    return load(file)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> RegressionCase:
    return stored(tmp_path_factory.mktemp("cases") / "not-there-yet")


def test_a_random_failure_becomes_one_transaction(found: RegressionCase) -> None:
    assert found.transactions == 1
    assert not found.stalls
    assert not found.job.resets
    assert found.registers.keys() <= {"rest", "threshold", "reset"}
    assert found.found.detector is Detector.SCOREBOARD
    assert found.found.origin == "random stimulus: case rest-and-reset, seed 0, size 1000, unhindered"


@pytest.mark.parametrize("level", ["rtl", "cocotb", "icarus", "netlist-ice40"])
def test_it_is_red_with_the_broken_core_and_green_with_the_sound_one(
    found: RegressionCase, level: str
) -> None:
    broken = replayed(found, level, component=ABOVE_THRESHOLD.component("neurons.lif", found.params))
    assert broken.as_recorded, broken
    assert replayed(found, level).passed


@pytest.mark.parametrize("level", ["reference", "engine"])
def test_software_was_never_wrong(found: RegressionCase, level: str) -> None:
    assert replay(found, level).passed


def test_a_failure_leaves_waves(found: RegressionCase, tmp_path: Path) -> None:
    broken = ABOVE_THRESHOLD.component("neurons.lif", found.params)
    result = replayed(found, "rtl", component=broken, waves=tmp_path)
    assert result.waves is not None
    assert result.waves.is_file()


@pytest.mark.parametrize(
    ("bench", "bug", "most"),
    [
        (LIF, "reset-forgets-refractory", (2, 1, 0)),
        (LIF, "input-overwrites", (1, 0, 1)),
        (LIF, "steps-in-stall", (2, 0, 1)),
        (TILE, "spike-dropped", (4, 0, 1)),
        (TILE, "event-taken-twice", (4, 0, 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_resets_and_stalls_shrink_too(bench: Bench, bug: str, most: tuple[int, int, int]) -> None:
    known = find_bug(bench, bug)
    broken = replace(bench, component=lambda params: known.mutant.component(bench.core.name, params))
    case = bench.case(known.case)
    result = check(broken, case, "rtl", size=500)
    whole = failing_case(broken, case, "rtl", result)
    assert whole is not None
    done = shrink(whole, "rtl", component=known.mutant.component(bench.core.name, case.params), seconds=60)
    assert done.finished
    assert done.case.found.detector is whole.found.detector
    stalled = sum(len(stall.cycles) for stall in done.case.stalls.values())
    assert not any(stall.begin for stall in done.case.stalls.values())
    assert (done.case.steps, len(done.case.job.resets), stalled) <= most
    assert f"of {whole.transactions} transactions" in str(done)


def test_time_limits_a_search(found: RegressionCase) -> None:
    port = found.core.inputs(found.params)["input"]
    rows = np.concatenate([found.job.inputs["input"], port.records(np.zeros(500, int))])
    whole = replace(found, job=replace(found.job, inputs={"input": rows}))
    broken = ABOVE_THRESHOLD.component("neurons.lif", found.params)
    done = shrink(whole, "rtl", component=broken, seconds=0.0)
    assert not done.finished
    assert done.case.transactions == whole.transactions


def test_what_passes_cannot_be_shrunk(found: RegressionCase) -> None:
    with pytest.raises(BadInput, match="does not fail at rtl as recorded"):
        shrink(found, "rtl")


def test_a_pass_and_a_failure_without_a_run_leave_no_case(tmp_path: Path) -> None:
    case = LIF.case("default")
    result = check(LIF, case, "engine", size=300)
    assert result.passed
    assert store_smallest(LIF, case, "engine", result, tmp_path) is None
    unmoved = replace(result, problems=(Problem(Detector.UNMOVED, "output: spike never changes"),))
    assert store_smallest(LIF, case, "engine", unmoved, tmp_path) is None
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- from a proof to a case


@pytest.mark.parametrize(
    ("core", "proof", "mutant", "stalled"),
    [
        ("neurons.lif", "stream", "an output is dropped while it is stalled", 1),
        ("neurons.lif", "reset", "reset forgets the potential", 0),
        ("fabric.tile", "events", "a spike is dropped when the output is stalled", 1),
    ],
)
def test_a_counterexample_becomes_a_case(
    core: str, proof: str, mutant: str, stalled: int, tmp_path: Path
) -> None:
    (it,) = (one for one in proofs(core) if one.name == proof)
    (broken,) = (one for one in it.mutants if one.breaks == mutant)
    component = broken.component(core, it.params)
    with skipped_without_tools():
        file = store_counterexample(it, tmp_path, component=component)
    assert file is not None
    case = load(file)
    assert case.transactions <= 3
    assert sum(len(stall.cycles) for stall in case.stalls.values()) == stalled
    assert f"counterexample of the proof {proof}" in case.found.origin
    for level in ("rtl", "cocotb") if stalled else ("rtl",):
        assert replayed(case, level, component=component).as_recorded
        assert replayed(case, level).passed


def test_a_claim_about_the_inside_leaves_no_case(tmp_path: Path) -> None:
    def never_refractory(m: Module, core: Any, inside: Inside) -> None:
        claim(m, "never refractory", inside.register("refractory") == 0)
        cover(m, "an output", core.output.valid)

    it = Proof("neurons.lif", "of the test", "", LIF.case("default").params, never_refractory, ())
    with skipped_without_tools():
        assert store_counterexample(it, tmp_path) is None


# ---------------------------------------------------------------- Hypothesis


def test_a_search_finds_what_meets_by_chance() -> None:
    bug = find_bug(TILE, "last-synapse")
    broken = replace(TILE, component=lambda params: bug.mutant.component("fabric.tile", params))
    found = search(broken, TILE.case(bug.case), runs=200).failure
    assert found is not None
    assert found.case.transactions <= 3
    again = search(broken, TILE.case(bug.case), runs=200).failure
    assert again is not None
    assert np.array_equal(again.original.job.inputs["input"], found.original.job.inputs["input"])


@pytest.mark.parametrize("bench", [LIF, TILE], ids=lambda bench: bench.core.name)
def test_a_search_finds_nothing_in_a_sound_core(bench: Bench) -> None:
    done = search(bench, bench.cases[0], runs=20)
    assert done.failure is None
    assert done.runs == 20
    assert done.transactions > 100


# ---------------------------------------------------------------- in a regression


def test_kept_cases_and_searches_are_tasks_of_a_regression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIKELOCK_FAILURES", str(tmp_path))
    tasks = checks_replay.tasks("neurons.lif", "full", 0)
    rtl = [task for task in tasks if task.arguments["level"] == "rtl"]
    results = [checks_replay.run(task) for task in rtl]
    assert [result.status for result in results] == ["passed"] * len(rtl)
    assert checks_search.run(checks_search.tasks("neurons.lif", "smoke", 3)[0]).status == "passed"


def test_a_case_that_its_bug_passes_fails_the_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = (
        task
        for task in checks_replay.tasks("neurons.lif", "full", 0)
        if task.arguments == {"case": "above-threshold", "level": "rtl", "broken": True}
    )
    harmless = Mutant("nothing", "neurons.lif", "def component(", "def component(")
    sound = replace(find_bug(LIF, "above-threshold"), mutant=harmless)
    monkeypatch.setattr(checks_replay, "find_bug", lambda bench, name: sound)
    result = checks_replay.run(task)
    assert result.status == "failed"
    assert "but it passes" in result.problems[0]
