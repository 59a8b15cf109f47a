"""What one reads in ten seconds: the verdict, where it fails, the gates, and each core against each check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .checks import in_order

SIGNS = {"passed": "✓", "failed": "✗", "not run": "○"}
"""A status as one sign, beside its colour and its word."""

KINDS = {"passed": "passed", "failed": "failed", "not run": "absent"}
"""The style class of a status."""


FEW = 5
"""Cores that fit beside each other."""


@dataclass(frozen=True)
class Tile:
    """A check of a core: text and style, what it says in full, and the part of the page it leads to."""

    text: str
    kind: str
    says: str
    target: str


@dataclass(frozen=True)
class Gate:
    """One thing that the stage asks for."""

    sign: str
    kind: str
    name: str
    required: str
    reached: str


@dataclass(frozen=True)
class Summary:
    """The head of the page."""

    title: str
    verdict: str
    kind: str
    headline: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Tile | None]]]
    gates: Sequence[Gate]


def failures_of(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The results that failed, in the order of the record."""
    return [result for result in record["results"] if result["status"] == "failed"]


def failure_id(number: int) -> str:
    """Where a failure stands on the page."""
    return f"failure-{number}"


def check_id(check: str) -> str:
    """Where a check stands on the page."""
    return f"check-{check}"


def worst(counts: Mapping[str, int]) -> str:
    """The status of several results: failed before not run before passed; of none, not run."""
    if counts.get("failed"):
        return "failed"
    return "passed" if counts.get("passed") and not counts.get("not run") else "not run"


def summary_of(record: Mapping[str, Any]) -> Summary:
    """The head of a record's page."""
    identity = record["identity"]
    verdict = "PASSED" if record["passed"] else "FAILED" if record["complete"] else "INTERRUPTED"
    first_failures: dict[tuple[str, str], str] = {}
    for number, failure in enumerate(failures_of(record)):
        first_failures.setdefault((failure["core"], failure["task"]["check"]), failure_id(number))
    by_name = {check["name"]: check for check in record["checks"]}
    checks = [by_name[name] for name in in_order(by_name)]
    return Summary(
        f"{verdict}: Spikelock regression, stage {record['stage']}",
        verdict,
        "passed" if record["passed"] else "failed",
        _headline(record),
        _facts(record, identity),
        *_matrix(checks, identity["cores"], first_failures),
        [_gate(gate) for gate in record["gates"]],
    )


def _matrix(
    checks: Sequence[Mapping[str, Any]], cores: Sequence[str], first_failures: Mapping[tuple[str, str], str]
) -> tuple[list[str], list[tuple[str, list[Tile | None]]]]:
    """Headings of the columns, and rows: a row a check, with figures; of many cores a row a core, without."""
    titles = [check["title"] for check in checks]
    if len(cores) > FEW:
        short = [{**check, "cores": _without_figures(check["cores"])} for check in checks]
        return titles, [(core, [_tile(check, core, first_failures) for check in short]) for core in cores]
    tiles = [[_tile(check, core, first_failures) for core in cores] for check in checks]
    return list(cores), list(zip(titles, tiles, strict=True))


def _without_figures(cores: Mapping[str, Any]) -> dict[str, Any]:
    return {core: {**one, "figure": f"{one['counts']['passed']:,}"} for core, one in cores.items()}


def _headline(record: Mapping[str, Any]) -> str:
    counts = record["counts"]
    parts = [f"{counts['passed']:,} of {sum(counts.values()):,} results passed"]
    failed = failures_of(record)
    if failed:
        cores = dict.fromkeys(failure["core"] for failure in failed)
        parts.append(f"{len(failed):,} failed, in {', '.join(cores)}")
    if counts["not run"]:
        parts.append(f"{counts['not run']:,} were NOT RUN")
    missed = sum(not gate["passed"] for gate in record["gates"])
    if missed:
        parts.append(f"{missed} of {len(record['gates'])} gates are not passed")
    if not record["complete"]:
        parts.append("interrupted before all was done")
    return "; ".join(parts) + "."


def _facts(record: Mapping[str, Any], identity: Mapping[str, Any]) -> list[tuple[str, str]]:
    commit, dirty = identity["commit"], ", DIRTY" if identity["dirty"] else ""
    facts = [
        ("stage", record["stage"]),
        ("commit", f"{commit[:12]}{dirty}" if commit else "none: an installed package"),
        ("seed", str(identity["seed"])),
        ("started", identity["started"][:16].replace("T", " ") + " UTC"),
        ("took", duration(identity["seconds"])),
    ]
    return facts + ([("planted bug", identity["plant"])] if identity.get("plant") else [])


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _tile(check: Mapping[str, Any], core: str, first_failures: Mapping[tuple[str, str], str]) -> Tile | None:
    if not any(check["counts"].values()):
        says = f"{check['title']}: no part of this run"
        return Tile("NOT RUN", KINDS["not run"], says, check_id(check["name"]))
    if core not in check["cores"]:
        return None
    one = check["cores"][core]
    counts = one["counts"]
    status = worst(counts)
    text = {
        "passed": "✓ " + one["figure"],
        "failed": f"✗ {counts['failed']:,} of {sum(counts.values()):,} failed",
        "not run": "NOT RUN" if not counts["passed"] else f"○ {counts['not run']:,} NOT RUN",
    }[status]
    says = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    target = first_failures.get((core, check["name"]), check_id(check["name"]))
    return Tile(text, KINDS[status], f"{core}, {check['title']}: {says}", target)


def _gate(gate: Mapping[str, Any]) -> Gate:
    status = "passed" if gate["passed"] else "failed"
    return Gate(SIGNS[status], KINDS[status], gate["name"], gate["required"], gate["reached"])
