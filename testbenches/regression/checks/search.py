"""Short runs that Hypothesis makes, for every case of a bench, at `rtl`; a failure is shrunk and kept."""

from __future__ import annotations

from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.regression_cases import save
from spikelock.testbenches.regression_cases.search import search

from ..failures import failures_folder
from ..subject import model_of
from ..task import Result, Stage, Task
from .bench import has_bench

TITLE = "Random search"

LEVEL = "rtl"

RUNS = {"smoke": 10, "full": 40, "release": 2_000}
"""Of each case."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a case of the bench."""
    if not has_bench(core):
        return []
    bench = find_bench(core)
    return [
        Task("search", core, {"case": case.name, "runs": RUNS[stage], "seed": seed}) for case in bench.cases
    ]


def seconds(task: Task) -> float:
    """About how long it takes, when the case has been built."""
    return 0.5 + task.arguments["runs"] / 40


def shares(task: Task) -> str:
    """Tasks of which this is equal build the same model: those of the bench at this level, too."""
    bench = find_bench(task.subject)
    return model_of(task.subject, LEVEL, bench.case(task.arguments["case"]).params)


def run(task: Task) -> Result:
    """Data: runs and transactions compared."""
    bench = find_bench(task.subject)
    name, runs, seed = (task.arguments[key] for key in ("case", "runs", "seed"))
    done = search(bench, bench.case(name), LEVEL, runs=runs, seed=seed)
    title = f"case {name} at {LEVEL}, {done.runs} short runs"
    data = {"case": name, "level": LEVEL, "runs": done.runs, "transactions": done.transactions}
    if done.failure is None:
        return Result(task, title, "passed", data=data)
    case, folder = done.failure.case, failures_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{task.key}.json"
    save(case, file)
    return Result(
        task,
        title,
        "failed",
        [case.found.says],
        [case.found.detector.value],
        f"spikelock replay {file}",
        {"case": str(file)},
        data=data,
    )
