"""What the cases of a core reach together: functional bins, and lines, branches and port bits of its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spikelock.testbenches import code_coverage
from spikelock.testbenches.bench import Bench, find_bench
from spikelock.testbenches.coverage_data import merge
from spikelock.testbenches.waivers import Waiver, not_waived

from ..task import Result, Stage, Task

TITLE = "Coverage"
DETECTOR = "coverage"

LISTED = 20
"""Holes that are named; the worst come first."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """None: everything comes from the cases that check `bench` runs."""
    return []


def run(task: Task) -> Result:
    """There are no tasks."""
    raise NotImplementedError


def conclude(core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """Functional and code coverage of a core, merged over its cases, levels and designs.

    Nothing where a case has no result: then it would be their absence that is found.
    """
    cases = [r for r in results if r.task.check == "bench" and "raw" in r.data]
    if not cases or any(r.task.check == "bench" and r not in cases for r in _ran(results)):
        return []
    bench = find_bench(core)
    found = [_functional(bench, stage, cases)]
    if code := [r.data["raw"]["code"] for r in cases if "code" in r.data["raw"]]:
        found.append(_code(bench, stage, merge(map(code_coverage.from_json, code))))
    return found


def _ran(results: Iterable[Result]) -> list[Result]:
    return [r for r in results if r.status != "not run"]


def _functional(bench: Bench, stage: Stage, cases: Sequence[Result]) -> Result:
    group = bench.coverage()
    for result in cases:
        if hits := result.data["raw"]["hits"]:
            group.merge(hits)
    holes, problems = not_waived(group.holes(), bench.waivers)
    problems = [*group.broken_promises(), *(f"not covered: {hole}" for hole in holes), *problems]
    figure = f"{group.percent:.1f} % of the bins"
    bins = {
        point.name: {b.name: group.hits[point.name][b.name] for b in point.bins.values() if not b.impossible}
        for point in group.points
    }
    data = {"figure": figure, "bins": bins, "waived": _told(bench.waivers)}
    return _result(bench, stage, "functional", problems, data)


def _code(bench: Bench, stage: Stage, counts: code_coverage.Counts) -> Result:
    gated = {hole.name: hole for hole in code_coverage.holes(counts, code_coverage.GATED)}
    missed, problems = not_waived(list(gated), bench.code_waivers)
    problems = [*(str(gated[name]) for name in missed), *problems]
    reached = code_coverage.summary(counts)
    shares = [f"{kind} {100 * hit / total:.1f} %" for kind, (hit, total) in reached.items() if total]
    data = {
        "figure": ", ".join(shares),
        "reached": {kind: list(counts) for kind, counts in reached.items()},
        "holes": [str(hole) for hole in code_coverage.holes(counts)][:LISTED],
        "waived": _told(bench.code_waivers),
    }
    return _result(bench, stage, "code", problems, data)


def _told(waivers: Sequence[Waiver]) -> list[str]:
    return [f"{w.what}: {w.reason} ({w.by}, {w.on})" for w in waivers]


def _result(bench: Bench, stage: Stage, kind: str, problems: Sequence[str], data: dict[str, Any]) -> Result:
    core = bench.core.name
    shown = list(problems[:LISTED])
    if len(problems) > LISTED:
        shown.append(f"and {len(problems) - LISTED} more")
    return Result(
        Task("coverage", core, {"conclude": stage, "kind": kind}),
        f"{kind} coverage",
        "failed" if problems else "passed",
        shown,
        [DETECTOR] * len(shown),
        f"spikelock verify {core} --stage {stage} --checks bench,coverage",
        data=data,
    )
