"""The sections of the page: which there are, in which order, and what stands in each.

Every check of the record has a section, made by one rule from the data of its results (`tables.py`). Some
have a template of their own that shows the same data better. What was expected and is not in the record is
there too, and says NOT RUN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checks import EXPECTED, in_order
from .derived import DERIVED
from .details import details_of
from .divergence import fields_of
from .levels import levels_of_cores
from .section import Results, Section, absent
from .summary import check_id, duration, failure_id, failures_of, worst
from .tables import Table, divided, heading, of_mappings

CARDS = 100
"""Failures that are shown in full; of the others, a line each."""

WORST_FIRST = ("failed", "not run", "passed")


def sections_of(record: Mapping[str, Any]) -> list[Section]:
    """All sections of a record's page."""
    results: dict[str, list[Mapping[str, Any]]] = {}
    for result in record["results"]:
        results.setdefault(result["task"]["check"], []).append(result)
    checks = {check["name"]: check for check in record["checks"]}
    sections = [_failures(record)]
    for name in in_order({**EXPECTED, **checks}):
        sections.append(_of_check(name, checks.get(name), results.get(name, [])))
        sections += [derive(results.get(name, [])) for derive in DERIVED.get(name, ())]
    return [*sections, _time(record["cost"]), _identity(record["identity"])]


def _failures(record: Mapping[str, Any]) -> Section:
    failed = failures_of(record)
    titles = {check["name"]: check["title"] for check in record["checks"]}
    cards = [_card(number, failure, titles) for number, failure in enumerate(failed[:CARDS])]
    others = [
        {"core": f["core"], "check": titles[f["task"]["check"]], "what": f["title"]}
        | {"first problem": f["problems"][0], "again": f["again"]}
        for f in failed[CARDS:]
    ]
    status = "failed" if failed else "passed"
    return Section(
        "failures",
        "Failures",
        status,
        f"{len(failed):,}" if failed else "none",
        "failures.html",
        {"cards": cards, "others": of_mappings("further failures", others)},
    )


def _card(number: int, failure: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    first, *others = failure["problems"]
    data = divided(failure["data"])
    return {
        **failure,
        "id": failure_id(number),
        "check": titles[failure["task"]["check"]],
        "detectors": list(dict.fromkeys(failure["detectors"])),
        "first": first,
        "fields": fields_of(first),
        "label": "First divergence" if "scoreboard" in failure["detectors"][:1] else "First problem",
        "others": others,
        "tables": data.tables,
        "texts": data.texts,
    }


def _of_check(name: str, check: Mapping[str, Any] | None, results: Results) -> Section:
    if check is None or not any(check["counts"].values()):
        return absent(check_id(name), check["title"] if check else EXPECTED[name])
    counts = check["counts"]
    ordered = sorted(results, key=lambda result: WORST_FIRST.index(result["status"]))
    content = {
        "results": ordered,
        "levels": levels_of_cores(results),
        "table": _results_table(check["title"], ordered),
        "absent": list(dict.fromkeys(r["problems"][0] for r in ordered if r["status"] == "not run")),
        "tables": _joined(ordered),
    }
    template, more = details_of(name, ordered)
    figure = (
        f"{counts['passed']:,} of {sum(counts.values()):,}"
        if counts["passed"] + counts["failed"]
        else "NOT RUN"
    )
    return Section(check_id(name), check["title"], worst(counts), figure, template, {**content, **more})


def _results_table(title: str, results: Results) -> Table:
    rows = []
    for result in results:
        figures = divided(result["data"]).figures
        row = {"core": result["core"], "what": result["title"], "status": result["status"]}
        rows.append(row | {heading(name): value for name, value in figures.items() if name != "figure"})
    return of_mappings(title, rows)


def _joined(results: Results) -> list[Table]:
    """The tables of several results: those of the same name are one, which says whose each row is."""
    joined: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        for table in divided(result["data"]).tables:
            whose = {"core": result["core"], "of": result["title"]}
            joined.setdefault(table.title, []).extend(
                whose | dict(zip(table.columns, row, strict=True)) for row in table.rows
            )
    return [of_mappings(title, rows) for title, rows in joined.items()]


def _time(cost: Mapping[str, Any]) -> Section:
    share = cost["build_seconds"] / cost["seconds"] if cost["seconds"] else 0.0
    slowest = [
        {"core": one["core"], "check": one["check"], "what": one["title"], "seconds": one["seconds"]}
        for one in cost["slowest"]
    ]
    return Section(
        "time",
        "Time",
        figure=duration(cost["seconds"]),
        template="time.html",
        content={
            "cost": cost,
            "share": share,
            "slowest": slowest,
            "building": duration(cost["build_seconds"]),
            "others": duration(cost["other_seconds"]),
        },
    )


def _identity(identity: Mapping[str, Any]) -> Section:
    data = divided({name: value for name, value in identity.items() if name != "command"})
    rows = [[heading(name), value] for name, value in data.figures.items()]
    content = {
        "command": identity["command"],
        "table": Table("identity", ["what", "value"], rows),
        "tables": data.tables,
    }
    return Section("identity", "Identity", template="identity.html", content=content)
