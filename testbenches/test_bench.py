"""A bench finds what is wrong with a core, at each level, and refuses to call nothing a pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.ports import Records
from spikelock.testbenches import bench as benches
from spikelock.testbenches import bench_tests
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import require, require_coverage, skipped_without_tools
from spikelock.testbenches.checking import check, check_trial, coverage
from spikelock.testbenches.coverage_data import merge
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, values
from spikelock.testbenches.levels import Play
from spikelock.testbenches.lockstep import Job
from spikelock.testbenches.neurons.test_lif import BENCH as LIF
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.pytest_plugin import Size
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.trial import Trial
from spikelock.testbenches.uvm import accumulator
from spikelock.testbenches.uvm.accumulator import CORE, EAGER, WRONG, Fault, Params

TABLE = CORE.memories(Params())["table"].layout.records([3])


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    records = random_records(CORE.inputs(Params())["input"], size, random)
    records["addend"][[20, 60]] = 100, 127
    return {"input": records}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    return {"sign": np.sign(outputs["output"]["total"])}


CASES = [Case(fault.name, Params(), stimulus, {"fault": fault}, {"table": TABLE}) for fault in Fault]
BENCH = Bench(
    CORE,
    CASES,
    lambda: CoverGroup("accumulator", [values("sign", "sign", -1, 1)]),
    observe,
    component=accumulator.component,
)
SOUND = BENCH.case("NONE")


@pytest.mark.parametrize("level", ["reference", "rtl", "cocotb", "icarus"])
def test_sound_core_passes(level: str) -> None:
    with skipped_without_tools():
        result = check(BENCH, SOUND, level, size=200)
    assert result.passed, str(result)
    assert result.transactions > 0
    assert not coverage(BENCH, [result]).problems()


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_fault_is_found_in_lockstep(fault: Fault) -> None:
    problems = check(BENCH, BENCH.case(fault.name), "rtl", size=200).problems
    assert problems
    assert (Detector.TIMING in {problem.detector for problem in problems}) == (fault is Fault.LATE)


@pytest.mark.parametrize("fault", [Fault.LATE, Fault.RESET_FORGETS_TOTAL])
def test_fault_is_found_in_cocotb_and_repeated_with_waves(fault: Fault, tmp_path: Path) -> None:
    result = check(BENCH, BENCH.case(fault.name), "cocotb", size=200, waves=tmp_path)
    assert not result.passed
    assert result.waves is not None
    assert result.waves.is_file()
    assert f"--case {fault.name} --levels cocotb --seed 0 --size 200" in str(result)


@pytest.mark.parametrize("core", [WRONG, EAGER])
@pytest.mark.parametrize("level", ["rtl", "cocotb"])
def test_wrong_golden_model_is_found(core: Any, level: str) -> None:
    assert not check(replace(BENCH, core=core), SOUND, level, size=200).passed


def test_outputs_that_never_change_are_no_pass() -> None:
    def silence(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        return {"input": LIF.core.inputs(LIF.cases[0].params)["input"].records(np.zeros(size, np.int64))}

    result = check(LIF, replace(LIF.case("default"), stimulus=silence), "engine")
    assert result.problems == (
        "output: spike never changes, so its comparison says nothing",
        "output: membrane never changes, so its comparison says nothing",
    )


def test_coverage_holes_fail() -> None:
    unreachable = lambda: CoverGroup("accumulator", [values("sign", "sign", -1, 1, 2)])  # noqa: E731
    with pytest.raises(AssertionError, match=r"66\.7 % covered"):
        require_coverage(replace(BENCH, coverage=unreachable, cases=[SOUND]))


def test_missing_handshakes_fail() -> None:
    result = check(BENCH, SOUND, "cocotb", size=200)
    assert result.passed, str(result)
    claimed: benches.Impossible = {"input": {("back to back", "at once"): "nothing of the kind"}}
    for bench, case in (
        (replace(BENCH, impossible=claimed), SOUND),
        (BENCH, replace(SOUND, impossible=claimed)),
    ):
        result = check(bench, case, "cocotb", size=200)
        assert "declared impossible (nothing of the kind) but hit" in "\n".join(result.problems)


def test_stalls_that_never_were_fail() -> None:
    """Where every handshake under a stall is declared impossible, nothing shows that a payload holds."""
    never: Mapping[tuple[str, ...], str] = {
        ("back to back", "stalled"): "never",
        ("after a gap", "stalled"): "never",
    }
    quiet = replace(BENCH, impossible={"output": never})
    trial = Trial(quiet, SOUND, "cocotb", 0, 200)
    plain = Play(trial.configuration, Job(trial.inputs, expected=trial.expected))
    trial.plays = lambda: {"unhindered": plain}  # type: ignore[method-assign]
    assert "output: nothing was stalled, so no payload was seen to hold" in check_trial(trial).problems


def test_code_coverage_of_lockstep_and_cocotb_is_merged() -> None:
    results = [check(BENCH, SOUND, level, size=200, code=True) for level in ("rtl", "cocotb")]
    lockstep, cocotb = (result.code for result in results)
    assert lockstep is not None
    assert cocotb is not None
    assert lockstep.verilog == cocotb.verilog
    merged = replace(lockstep, counts=merge([lockstep.counts, cocotb.counts]))
    assert lockstep.counts.keys() == cocotb.counts.keys() == merged.counts.keys()
    assert sum(merged.counts.values()) == sum(lockstep.counts.values()) + sum(cocotb.counts.values())
    toggled = {point.what for point, count in merged.relevant("toggle").items() if count}
    assert {"input__valid:0->1", "output__payload[15]:1->0", "rst:0->1"} <= toggled


def test_seed_decides_the_stimulus_and_cases_differ() -> None:
    first, second = LIF.case("default"), LIF.case("threshold-highest")
    assert np.array_equal(first.inputs(1, 50)["input"], first.inputs(1, 50)["input"])
    assert not np.array_equal(first.inputs(1, 50)["input"], first.inputs(2, 50)["input"])
    assert not np.array_equal(first.inputs(1, 50)["input"], second.inputs(1, 50)["input"])


def test_unknown_case_and_level_are_named() -> None:
    with pytest.raises(BadInput, match="no case 'nonsense'; it has: default, "):
        LIF.case("nonsense")
    with pytest.raises(BadInput, match="no level is called 'board'"):
        check(LIF, LIF.case("default"), "board")


def test_missing_tool_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise MissingTool("iverilog is not installed: apt install iverilog")

    monkeypatch.setattr(bench_tests, "check", missing)
    with pytest.raises(pytest.skip.Exception, match="apt install iverilog"):
        require(LIF, LIF.case("default"), "icarus", Size.SHORT)
