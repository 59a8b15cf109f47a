"""A regression: plan, results as they come, conclusions, gates, record, reports."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spikelock.models.errors import MissingTool
from spikelock.testbenches.report.page import write_page

from .discovery import find_check
from .execution import conclude
from .gates import gates_of
from .journal import Journal
from .junit import write_junit
from .local import run_in_processes
from .plan import Plan
from .record import Finding, make_record, write_record
from .task import STAGES, Result, Task

RECORD, JUNIT, PAGE = "result.json", "junit.xml", "index.html"
"""Files of the report's folder."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    name: the stage, or "focused". cores: what is judged; all_cores: these are all there are. identity: see
    `record.py`; the run adds its own facts. jobs: tasks at a time on this machine. scheduler: address of a
    Dask scheduler, for a cluster in its place. report: a folder, or None where only the record is wanted.
    resume: go on from what is in it.
    """

    name: str
    cores: Sequence[str]
    all_cores: bool
    seed: int
    identity: Mapping[str, Any]
    report: Path | None
    jobs: int = 2
    scheduler: str | None = None
    resume: bool = False


def regress(
    request: Request,
    plan: Plan,
    tell: Callable[[Finding], None] = lambda finding: None,
) -> dict[str, Any]:
    """Does all tasks, and gives the record; the folder of the report then holds it, as JSON, JUnit and page.

    tell: is told every finding as it comes. Ctrl-C ends the run: the record is that of what is finished, and
    says that it is not complete. Raises BadInput for a folder that cannot be written or does not fit, or a
    scheduler that does not answer; MissingTool where Dask is missing.
    """
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    titles = {name: _title(name) for name in plan.checks}
    core_of = {task.key: core for core, task in plan.tasks}
    with _folder(request.report) as folder, Journal(folder, request.identity, request.resume) as journal:
        findings: list[Finding] = []

        def found(core: str, result: Result) -> None:
            finding = Finding(core, _repeatable(request, core, result))
            findings.append(finding)
            tell(finding)

        complete = False
        try:
            for absent in plan.absent:
                found(absent.core, absent.result)
            kept = [result for result in journal.results if result.task.key in core_of]
            for result in kept:
                found(core_of[result.task.key], result)
            done = {result.task.key for result in kept}
            rest = [task for _, task in plan.tasks if task.key not in done]
            with closing(_results(request, rest)) as results:
                for result in results:
                    journal.add(result)
                    found(core_of[result.task.key], result)
            for core, result in _conclusions(request, plan, findings):
                found(core, result)
            complete = True
        except KeyboardInterrupt:
            pass
        ordered = _in_order(plan, findings)
        gates = gates_of(request.name, titles, request.cores, ordered, request.all_cores)
        run = {
            "jobs": request.jobs,
            "scheduler": request.scheduler,
            "started": started,
            "seconds": journal.total_seconds,
            "resumed": journal.resumed,
        }
        record = make_record(request.name, {**request.identity, **run}, titles, ordered, gates, complete)
        _write_reports(record, folder)
    return record


@contextmanager
def _folder(report: Path | None) -> Iterator[Path]:
    if report is not None:
        yield report
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _results(request: Request, tasks: Sequence[Task]) -> Generator[Result]:
    if request.scheduler is None:
        return run_in_processes(tasks, request.jobs)
    from .cluster import run_on_cluster

    return run_on_cluster(tasks, request.scheduler)


def _conclusions(request: Request, plan: Plan, findings: Sequence[Finding]) -> Iterator[tuple[str, Result]]:
    for core in request.cores:
        results = [finding.result for finding in findings if finding.core == core]
        for check in plan.concluding:
            for result in conclude(check, core, plan.stage, results):
                yield core, result


def _repeatable(request: Request, core: str, result: Result) -> Result:
    """With a command that repeats it, where the check has given none."""
    if result.status != "failed" or result.again:
        return result
    if request.name not in STAGES:
        return replace(result, again=request.identity["command"])
    again = f"spikelock verify {core} --stage {request.name} --seed {request.seed}"
    if "conclude" not in result.task.arguments:
        again += f" --task {result.task.key}"
    return replace(result, again=again)


def _in_order(plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
    """By core and check, as planned; what was concluded stands behind that from which it was."""
    places = {task.key: number for number, (_, task) in enumerate(plan.tasks)}
    cores = list(dict.fromkeys([core for core, _ in plan.tasks] + [finding.core for finding in findings]))
    return sorted(
        findings,
        key=lambda finding: (
            cores.index(finding.core),
            plan.checks.index(finding.result.task.check),
            places.get(finding.result.task.key, len(places)),
        ),
    )


def _write_reports(record: Mapping[str, Any], folder: Path) -> None:
    write_record(record, folder / RECORD)
    write_junit(record, folder / JUNIT)
    try:
        write_page(record, folder / PAGE)
    except MissingTool:
        (folder / PAGE).unlink(missing_ok=True)  # rather none than one of an earlier run


def _title(check: str) -> str:
    try:
        return find_check(check).TITLE
    except MissingTool:
        return check
