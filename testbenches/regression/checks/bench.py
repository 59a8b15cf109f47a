"""The cases of a core's bench at every level, held against the exact reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spikelock.models.core import has_twin
from spikelock.testbenches.bench import Bench, Case, find_bench
from spikelock.testbenches.bench_tests import LONGER, SIZES
from spikelock.testbenches.checking import CaseResult, check
from spikelock.testbenches.code_coverage import counts_of, to_json
from spikelock.testbenches.levels import LEVELS, NETLISTS
from spikelock.testbenches.own_verilog.judged import OwnVerilog
from spikelock.testbenches.regression_cases import store_smallest
from spikelock.testbenches.selection import cases_at

from ..failures import failures_folder
from ..subject import MODULE, bench_of, model_of, module_of
from ..task import Result, Stage, Task

TITLE = "Cases at every level"

SMALL = 300
"""Input transactions of a case in a smoke run, and at levels whose size nobody has chosen."""

NETLIST_CASES = {"smoke": 0, "full": 1}
"""So many cases of a core are run on its netlists; the tests run each on one of them."""

SECONDS = {"engine": 0.5, "rtl": 6.0, "icarus": 4.0, **dict.fromkeys(NETLISTS, 20.0)}
"""About what a task takes when everything has to be built, by level."""

OTHER_SECONDS = 6.0


def has_bench(core: str) -> bool:
    """Whether there is a module that holds the core's bench."""
    return has_twin(core, "testbenches")


def compared_levels() -> list[str]:
    """The levels that are held against the reference."""
    return [level for level in LEVELS if level != "reference"]


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a case and level; line, branch and toggle coverage is collected at `rtl`.

    Which cases a level has, `selection.py` says; but a smoke run has no netlists, a full run has those of the
    first case, and a release run has everything.
    """
    if not has_bench(core):
        return []
    bench = find_bench(core)
    return [
        task(core, case.name, level, seed, size_of(level, stage), code=level == "rtl")
        for level in compared_levels()
        for case in _cases(bench, level, stage)
    ]


def _cases(bench: Bench, level: str, stage: Stage) -> Sequence[Case]:
    if stage == "release":
        return bench.cases
    return bench.cases[: NETLIST_CASES[stage]] if level in NETLISTS else cases_at(bench, level)


def task(
    core: str,
    case: str,
    level: str,
    seed: int,
    size: int,
    code: bool = False,
    module: OwnVerilog | None = None,
) -> Task:
    """A case at a level. code: collect code coverage. module: in the place of the core."""
    arguments = {"case": case, "level": level, "seed": seed, "size": size, "code": code}
    return Task("bench", core, arguments | ({MODULE: module.to_json()} if module else {}))


def size_of(level: str, stage: Stage) -> int:
    """About how many input transactions a case has."""
    usual = SIZES.get(level, SMALL)
    return {"smoke": min(usual, SMALL), "full": usual, "release": LONGER * usual}[stage]


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return SECONDS.get(task.arguments["level"], OTHER_SECONDS)


def shares(task: Task) -> str:
    """Tasks of which this is equal build the same model."""
    params = bench_of(task).case(task.arguments["case"]).params
    return model_of(task.subject, task.arguments["level"], params)


def run(task: Task) -> Result:
    """Data: what was compared; `raw` holds the hits of coverage bins, and the points of code coverage."""
    arguments = task.arguments
    bench, module = bench_of(task), module_of(task)
    done = check(
        bench,
        bench.case(arguments["case"]),
        arguments["level"],
        seed=arguments["seed"],
        size=arguments["size"],
        code=arguments["code"],
        waves=failures_folder(),
    )
    files = {"waves": str(done.waves)} if done.waves else {}
    if kept := store_smallest(bench, bench.case(done.case), done.level, done, failures_folder()):
        files["case"] = str(kept)
    return Result(
        task,
        f"case {done.case} at {done.level}",
        "passed" if done.passed else "failed",
        [str(problem) for problem in done.problems],
        [problem.detector.value for problem in done.problems],
        done.command.replace(f"verify {done.core}", f"verify {module.options}") if module else done.command,
        files,
        cycles=done.cycles,
        data={
            "case": done.case,
            "level": done.level,
            "size": done.size,
            "transactions": done.transactions,
            "raw": _raw(done),
        },
    )


def _raw(done: CaseResult) -> dict[str, Any]:
    raw: dict[str, Any] = {"hits": {point: dict(bins) for point, bins in done.hits.items()}}
    return raw | ({"code": to_json(counts_of(done.code))} if done.code is not None else {})
