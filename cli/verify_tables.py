"""What `spikelock verify` shows on the screen: failures, tables, gates. All of it is in the record too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from spikelock.testbenches.regression.record import Finding

PROBLEMS = 8
"""Problems of a failure that are shown on the screen."""

SIDE_BY_SIDE = 4
"""Cores that a table has columns for."""


def show_failure(finding: Finding, screen: Console) -> None:
    """What failed or was not run, as it comes; nothing for a pass."""
    result = finding.result
    head = escape(f"{finding.core}, {result.title}")
    if result.status == "not run":
        screen.print(f"{head}: NOT RUN: {escape(result.problems[0])}", soft_wrap=True)
    if result.status != "failed":
        return
    detectors = ", ".join(dict.fromkeys(result.detectors))
    screen.print(f"[bold]{head}: FAILED[/]{f' ({detectors})' if detectors else ''}", soft_wrap=True)
    for problem in result.problems[:PROBLEMS]:
        screen.print(f"  {escape(problem)}", soft_wrap=True)
    if len(result.problems) > PROBLEMS:
        screen.print(f"  ... and {len(result.problems) - PROBLEMS} more")
    for what, where in result.files.items():
        screen.print(f"  {what}: {escape(where)}", soft_wrap=True)
    screen.print(f"  again: {escape(result.again)}", soft_wrap=True)


def stage_table(record: Mapping[str, Any]) -> Table:
    """Each check and each core: passed with its figure, failed, or not run.

    More than `SIDE_BY_SIDE` cores stand one below the other, with the number of tasks that passed as figure.
    """
    cores = record["identity"]["cores"]
    if len(cores) <= SIDE_BY_SIDE:
        table = Table("check", *cores)
        for check in record["checks"]:
            table.add_row(check["title"], *(_cell(check["cores"].get(core)) for core in cores))
        return table
    checks = [check for check in record["checks"] if check["cores"]]
    table = Table(Column("core", min_width=max(map(len, cores))), *(check["name"] for check in checks))
    for core in cores:
        found = (check["cores"].get(core) for check in checks)
        table.add_row(
            core, *(_cell(one and {**one, "figure": str(one["counts"]["passed"])}) for one in found)
        )
    return table


def _cell(core: Mapping[str, Any] | None) -> str:
    if core is None:
        return "–"
    counts = core["counts"]
    parts = [f"[bold]FAILED[/] {counts['failed']}"] if counts["failed"] else []
    parts += [escape(core["figure"])] if counts["passed"] else []
    parts += [f"NOT RUN {counts['not run']}"] if counts["not run"] else []
    return "; ".join(parts)


def focused_table(record: Mapping[str, Any]) -> Table:
    """Each case and each level: the output transactions that were compared."""
    results = [result for result in record["results"] if result["task"]["check"] == "bench"]
    levels = list(dict.fromkeys(result["task"]["arguments"]["level"] for result in results))
    table = Table("core", "case", *levels)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for result in results:
        arguments = result["task"]["arguments"]
        cells = rows.setdefault((result["core"], arguments["case"]), {})
        cells[arguments["level"]] = _transactions(result)
    for (core, case), cells in rows.items():
        table.add_row(core, case, *(cells.get(level, "–") for level in levels))
    return table


def _transactions(result: Mapping[str, Any]) -> str:
    if result["status"] == "passed":
        return f"{result['data']['transactions']:,}"
    return str(result["status"]).upper()


def show_conclusions(record: Mapping[str, Any], screen: Console) -> None:
    """What all cases of a core reached together."""
    for result in record["results"]:
        if "figure" in result["data"]:
            text = f"{result['core']}: {result['title']}: {result['data']['figure']}"
            screen.print(escape(text), soft_wrap=True)


def show_gates(record: Mapping[str, Any], screen: Console) -> None:
    """A line each: what was required and what was reached."""
    for gate in record["gates"]:
        sign = "passed" if gate["passed"] else "[bold]FAILED[/]"
        text = escape(f"{gate['name']}: {gate['required']}: {gate['reached']}")
        screen.print(f"gate {sign}: {text}", soft_wrap=True)
