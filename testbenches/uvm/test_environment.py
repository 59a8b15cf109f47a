"""The environment finds every fault it is made for, on both simulators, and nothing in a sound core."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.compare import compare
from spikelock.models.core import Configuration, Core, run_reference
from spikelock.models.ports import Records, load_records
from spikelock.testbenches.lockstep import AFTER_VALID, HEAVY, LIGHT, NONE, Job, Model, Stall, build, exactly
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.uvm import runner
from spikelock.testbenches.uvm.accumulator import (
    CORE,
    EAGER,
    LEAVING,
    SLEEPING,
    WRONG,
    Fault,
    Params,
    component,
)
from spikelock.testbenches.uvm.runner import CocotbResult, replay, run_cocotb

icarus = pytest.param(
    "icarus", marks=pytest.mark.skipif(not shutil.which("iverilog"), reason="iverilog is not installed")
)
both = pytest.mark.parametrize("simulator", ["verilator", icarus])

PARAMS = Params()
TABLE: Records = CORE.memories(PARAMS)["table"].layout.records([3])
COMPONENT = component(PARAMS)
RESETS = (40, 41, 90)


def stimulus() -> dict[str, Records]:
    records = random_records(CORE.inputs(PARAMS)["input"], 200, np.random.default_rng(7))
    records["addend"][[20, 150]] = 100, 127  # the values at which the wrong ones are wrong
    return {"input": records}


def configuration(fault: Fault = Fault.NONE) -> Configuration:
    return CORE.configuration(PARAMS, {"offset": -5, "fault": fault}, {"table": TABLE})


def run(
    simulator: Any,
    stalls: Stall = NONE,
    *,
    fault: Fault = Fault.NONE,
    core: Core = CORE,
    resets: tuple[int, ...] = (),
    **options: Any,
) -> CocotbResult:
    job = Job(stimulus(), stalls=stalls, seed=3, resets=resets, patience=200)
    return run_cocotb(core, PARAMS, configuration(fault), [job], simulator, component=COMPONENT, **options)[0]


@both
@pytest.mark.parametrize(
    ("stalls", "resets"), [(NONE, ()), (HEAVY, ()), (LIGHT, RESETS), (AFTER_VALID, RESETS)]
)
def test_sound_core_passes(simulator: Any, stalls: Stall, resets: tuple[int, ...]) -> None:
    result = run(simulator, stalls, resets=resets)
    assert result.ok, result.problems
    assert [mark.cycle for mark in result.reset_marks] == list(resets)
    if not resets:
        _, expected = run_reference(CORE, PARAMS, configuration(), stimulus())
        assert compare(expected, result.outputs).agrees


@pytest.mark.parametrize(
    ("fault", "stalls", "message"),
    [
        (Fault.DROPS_UNDER_STALL, LIGHT, "was expected"),
        (Fault.DUPLICATES_AFTER_STALL, LIGHT, "was expected"),
        (Fault.CHANGES_PAYLOAD_UNDER_STALL, LIGHT, "while stalled"),
        (Fault.WITHDRAWS_VALID_UNDER_STALL, LIGHT, "valid was withdrawn"),
        (Fault.WAITS_FOR_READY, AFTER_VALID, "hung"),
        (Fault.OFF_BY_ONE, NONE, "transaction 150"),
        (Fault.LATE, NONE, "latency of 1 is promised"),
        (Fault.STOPS_ACCEPTING, NONE, "waiting for an input to be accepted"),
    ],
)
def test_fault_is_found(fault: Fault, stalls: Stall, message: str) -> None:
    assert message in "\n".join(run("verilator", stalls, fault=fault).problems)


def test_forgotten_reset_is_found() -> None:
    result = run("verilator", LIGHT, fault=Fault.RESET_FORGETS_TOTAL, resets=RESETS)
    assert "at cycle 4" in result.problems[0]


@pytest.mark.parametrize("simulator", [icarus])
@pytest.mark.parametrize(
    ("fault", "message"),
    [(Fault.RESET_FORGETS_VALID, "valid is X after reset"), (Fault.RESET_FORGETS_TOTAL, "payload is XXXX")],
)
def test_x_after_power_up_is_found(simulator: Any, fault: Fault, message: str) -> None:
    assert message in "\n".join(run(simulator, fault=fault).problems)


def test_wrong_golden_model_is_found() -> None:
    assert "transaction 20," in run("verilator", core=WRONG).problems[0]


def test_outputs_that_never_come_are_found() -> None:
    job = Job({"input": stimulus()["input"][:21]}, patience=200)  # the reference answers the last one twice
    result = run_cocotb(EAGER, PARAMS, configuration(), [job], component=COMPONENT)[0]
    assert "hung: 200 cycles without a transaction, waiting for outputs" in result.problems
    assert "1 expected transactions never came" in "\n".join(result.problems)


def test_simulation_that_leaves_is_a_failure() -> None:
    assert "without a result: exit code 0" in run("verilator", core=LEAVING).problems[0]


def test_simulation_that_takes_too_long_is_a_failure() -> None:
    assert "without a result: it took more than 3 s" in run("verilator", core=SLEEPING, seconds=3).problems[0]


def test_run_without_tests_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "TEST_MODULE", "spikelock.testbenches.uvm.transactions")
    assert "without a result" in run("verilator").problems[0]


@both
def test_replay_writes_waves_and_says_the_same(simulator: Any, tmp_path: Path) -> None:
    job = Job(stimulus(), stalls=LIGHT, seed=3)
    faulty = configuration(Fault.OFF_BY_ONE)
    first = run_cocotb(CORE, PARAMS, faulty, [job], simulator, component=COMPONENT, folder=tmp_path)[0]
    assert first.waves is None
    again = replay(CORE, PARAMS, faulty, job, simulator, component=COMPONENT, folder=tmp_path)
    assert first.problems == again.problems
    assert again.waves is not None
    assert again.waves.stat().st_size > 1000


LISTED = {"input": exactly([0, 1, 5, 39, 40, 41, 42]), "output": exactly(range(3, 60, 2))}


@pytest.mark.parametrize("stalls", [HEAVY, LISTED], ids=["heavy", "listed"])
def test_cycles_are_those_of_lockstep(stalls: Stall | dict[str, Stall]) -> None:
    job = Job(stimulus(), stalls=stalls, seed=5, resets=RESETS, stamps=True)
    cocotb = run_cocotb(CORE, PARAMS, configuration(), [job], component=COMPONENT)[0]
    built = build(COMPONENT, CORE.pins(PARAMS), CORE.outputs(PARAMS))
    levels = {"registers": configuration().registers}
    with Model(built) as model:
        model.run(Job({"load": load_records(CORE.memories(PARAMS), {"table": TABLE})}, levels=levels))
        lockstep = model.run(replace(job, levels=levels))
    assert len(cocotb.reset_marks) == len(RESETS)
    for ours, theirs in zip(cocotb.reset_marks, lockstep.reset_marks, strict=True):
        assert (ours.cycle, ours.accepted["input"]) == (theirs.cycle, theirs.accepted["input"])
        assert ours.produced == theirs.produced
    assert cocotb.passed_at["input"].tolist() == lockstep.accepted_at["input"].tolist()
    assert cocotb.passed_at["output"].tolist() == lockstep.produced_at["output"].tolist()
    assert compare(lockstep.outputs, cocotb.outputs).agrees
