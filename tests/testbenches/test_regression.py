"""The parts of a regression that need no command line: processes, plans, gates, the record."""

from __future__ import annotations

import json
import multiprocessing
import os
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spikelock.models.errors import BadInput
from spikelock.testbenches.regression import checks, discovery, local
from spikelock.testbenches.regression.execution import run_task
from spikelock.testbenches.regression.gates import gates_of
from spikelock.testbenches.regression.local import run_in_processes
from spikelock.testbenches.regression.plan import longest_first, make_plan
from spikelock.testbenches.regression.record import Finding, make_record, read_record, write_record
from spikelock.testbenches.regression.task import Result, Status, Task

PRETEND = Path(__file__).parents[1] / "cli" / "checks"


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The check of `tests/cli/checks`, in this process and in those that it starts."""
    monkeypatch.setenv("SPIKELOCK_CHECKS", str(PRETEND))
    monkeypatch.setenv("PRETEND_FOLDER", str(tmp_path))
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(PRETEND)])
    return discovery.find_check("pretend")


def task(number: int, does: str) -> Task:
    return Task("pretend", "neurons.lif", {"number": number, "does": does, "seed": 0})


def statuses(results: Sequence[Result]) -> list[Status]:
    return [r.status for r in sorted(results, key=lambda result: result.task.arguments["number"])]


# ---------------------------------------------------------------- processes


def test_a_task_that_takes_too_long_has_failed_and_the_others_go_on(
    pretend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour passes once the first has begun."""
    passing = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600.0 * (tmp_path / "child-0").exists())
    monkeypatch.setattr(local, "time", passing)
    tasks = [task(0, "waits"), *(task(number, "passes") for number in range(1, 4))]
    results = list(run_in_processes(tasks, 1, limit=3600.0))
    assert statuses(results) == ["failed", "passed", "passed", "passed"]
    (late,) = (result for result in results if result.status == "failed")
    assert late.problems == ["it took longer than 3600 s and was stopped"]


def test_a_process_that_dies_while_it_answers_has_failed() -> None:
    """Of a message of 100 bytes, ten came."""
    ours, theirs = multiprocessing.Pipe()
    os.write(theirs.fileno(), struct.pack("!i", 100) + bytes(10))
    theirs.close()
    nobody = SimpleNamespace(pid=2**30, exitcode=-9, join=lambda: None, kill=lambda: None)
    (problem,) = local.Process(nobody, ours, task(0, "passes")).result().problems
    assert "the process that ran it died: SIGKILL" in problem


def test_results_come_as_they_are_ready(pretend: Any, tmp_path: Path) -> None:
    results = run_in_processes([task(0, "waits"), task(1, "passes"), task(2, "fails")], 2)
    assert statuses([next(results), next(results)]) == ["passed", "failed"]
    (tmp_path / "go").touch()
    assert [result.status for result in results] == ["passed"]


def test_tasks_that_share_a_build_do_not_wait_for_each_other(
    pretend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretend, "shares", lambda task: str(task.arguments["number"] < 2), raising=False)
    monkeypatch.setattr(pretend, "seconds", lambda task: -task.arguments["number"], raising=False)
    tasks = [task(0, "waits"), task(1, "passes"), task(2, "passes")]
    results = run_in_processes(tasks, 2)
    assert next(results).task == tasks[2], "the second would wait for the build of the first"
    assert next(results).task == tasks[1], "there is no other choice"
    (tmp_path / "go").touch()
    assert next(results).task == tasks[0]


def test_long_tasks_are_begun_first(pretend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretend, "seconds", lambda task: task.arguments["number"] % 3, raising=False)
    ordered = longest_first([task(number, "passes") for number in range(5)])
    assert [task.arguments["number"] for task in ordered] == [2, 1, 4, 0, 3]


def test_the_same_task_gives_the_same_result(pretend: Any) -> None:
    first, second = (run_task(task(0, "passes")) for _ in range(2))
    assert first.task.key == second.task.key
    assert (first.status, first.data) == (second.status, second.data)


# ---------------------------------------------------------------- plans


def test_every_core_and_check_is_planned(pretend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRETEND", "passes fails")
    plan = make_plan(["neurons.lif", "fabric.tile"], "full", 3, ["pretend"])
    assert [core for core, _ in plan.tasks] == ["neurons.lif"] * 2 + ["fabric.tile"] * 2
    assert len({task.key for _, task in plan.tasks}) == 4
    assert all(task.arguments["seed"] == 3 for _, task in plan.tasks)


def test_an_unknown_check_names_those_there_are(pretend: Any) -> None:
    with pytest.raises(BadInput, match="pretend"):
        discovery.find_check("nothing")


# ---------------------------------------------------------------- gates


def finding(core: str, status: Status, problem: str = "") -> Finding:
    problems = [problem] if problem else []
    return Finding(core, Result(Task("pretend", core, {"is": status}), status, status, problems))


PASSED = finding("neurons.lif", "passed")
FAILED = finding("neurons.lif", "failed", "3 was expected, 4 came")
UNDECLARED = finding("neurons.lif", "not run", "g++ is not installed: apt install g++")
DECLARED = finding("neurons.lif", "not run", "iverilog is not installed: apt install iverilog")


@pytest.mark.parametrize(
    ("findings", "passed_at"),
    [
        ([PASSED], {"smoke", "full", "release"}),
        ([PASSED, FAILED], set()),
        ([PASSED, DECLARED], {"smoke", "full"}),
        ([PASSED, UNDECLARED], {"smoke"}),
        ([DECLARED], set()),
        ([], set()),
    ],
)
def test_gates_let_nothing_pass_that_was_not_run(findings: list[Finding], passed_at: set[str]) -> None:
    for stage in ("smoke", "full", "release"):
        gates = gates_of(stage, {"pretend": "Pretend"}, ["neurons.lif"], findings, all_cores=True)
        assert all(gate["passed"] for gate in gates) == (stage in passed_at), (stage, gates)


def test_every_core_and_every_check_must_have_been_judged() -> None:
    titles = {"pretend": "Pretend", "other": "Other"}
    smoke = gates_of("smoke", titles, ["neurons.lif", "fabric.tile"], [PASSED], all_cores=True)
    assert [gate["passed"] for gate in smoke] == [False, True], "a core is missing"
    full = gates_of("full", titles, ["neurons.lif"], [PASSED], all_cores=True)
    assert [gate["passed"] for gate in full] == [True, True, False], "a check did nothing"
    part = gates_of("full", titles, ["neurons.lif"], [PASSED], all_cores=False)
    assert [gate["passed"] for gate in part] == [True, True], "it may not apply to these cores"


# ---------------------------------------------------------------- the record


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    gates = gates_of("smoke", {"pretend": "Pretend"}, ["neurons.lif"], [PASSED, FAILED], all_cores=True)
    record = make_record("smoke", {"seed": 0}, {"pretend": "Pretend"}, [PASSED, FAILED], gates)
    assert not record["passed"]
    assert record["checks"][0]["cores"]["neurons.lif"]["figure"] == "1 of 2"
    write_record(record, tmp_path / "result.json")
    assert read_record(tmp_path / "result.json") == json.loads(json.dumps(record))
    (tmp_path / "other.json").write_text("[1]")
    for name in ("other.json", "nowhere.json"):
        with pytest.raises(BadInput, match=name):
            read_record(tmp_path / name)


def test_a_record_that_is_not_complete_is_no_pass() -> None:
    gates = gates_of("smoke", {"pretend": "Pretend"}, ["neurons.lif"], [PASSED], all_cores=True)
    assert make_record("smoke", {}, {}, [PASSED], gates)["passed"]
    assert not make_record("smoke", {}, {}, [PASSED], gates, complete=False)["passed"]


def test_the_recorded_run_has_the_form_that_is_described() -> None:
    record = read_record(Path(__file__).parents[1] / "data" / "regression.json")
    assert record["passed"]
    for entry in record["results"]:
        key, core = entry.pop("key"), entry.pop("core")
        result = Result.from_json(entry)
        assert (result.task.key, core) == (key, result.task.subject)


def test_a_package_that_is_missing_is_named_and_nothing_is_a_pass(
    pretend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> Any:
        raise ModuleNotFoundError("No module named 'hammer'", name="hammer")

    monkeypatch.setattr(pretend, "tasks", lacking)
    monkeypatch.setattr(pretend, "run", lacking)
    plan = make_plan(["neurons.lif"], "full", 0, ["pretend"])
    for result in (plan.absent[0].result, run_task(task(0, "passes"))):
        assert result.status == "not run"
        assert "needs the Python package hammer" in result.problems[0]
