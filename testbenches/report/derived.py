"""Sections that show the results of a check once more, from another side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .levels import agreement, reset_and_unknown
from .section import Results, Section, absent
from .tables import Table, of_mappings

TWICE = " twice"
"""How the names of controls end that repeat a run with the same seed."""


def flakes(results: Results) -> Section:
    """Runs with the same seed that were not the same."""
    rows = [
        {"core": result["core"], "what": result["title"], **control}
        for result in results
        for control in result["data"].get("controls", ())
        if control["control"].endswith(TWICE)
    ]
    unlike = [row for row in rows if not row["passed"]]
    return _section(
        "flakes",
        "Flakes",
        len(unlike),
        len(rows),
        "Runs made twice with the same seed: a flake is one that is not the same in every bit.",
        of_mappings("runs made twice", [*unlike, *(row for row in rows if row["passed"])]),
    )


def assertions(results: Results) -> Section:
    """Conditions of claims, and covers: those that no run can reach make what is claimed of them vacuous."""
    proved = [result for result in results if "covers" in result["data"]]
    rows = [
        {"core": core, "reached": fired, "vacuous": vacuous}
        for core, fired, vacuous in _sums(proved, "covers", "covers_missing")
    ]
    vacuous = [
        {"core": result["core"], "proof": result["title"], "never reached": cover}
        for result in proved
        for cover in result["data"]["covers_missing"]
    ]
    return _section(
        "assertions",
        "Assertions",
        len(vacuous),
        sum(row["reached"] + row["vacuous"] for row in rows),
        "Each claim of a proof names when it applies, and each proof what it must be able to reach. "
        "A condition that is never reached makes its claim vacuous: a design that does nothing would pass.",
        of_mappings("vacuous", vacuous) if vacuous else of_mappings("conditions", rows),
        "vacuous",
    )


def counterexamples(results: Results) -> Section:
    """Runs that refute a claim."""
    tried = [result for result in results if "counterexample" in result["data"]]
    refuted = [
        {"core": result["core"], "proof": result["title"], "problem": problem}
        for result in tried
        if result["data"]["counterexample"]
        for problem in result["problems"][:1]
    ]
    return _section(
        "counterexamples",
        "Counterexamples",
        len(refuted),
        len(tried),
        "Runs from reset that refute a claim. Each stands in full under Failures.",
        of_mappings("counterexamples", refuted),
    )


DERIVED: Mapping[str, Sequence[Callable[[Results], Section]]] = {
    "bench": (agreement, reset_and_unknown),
    "controls": (flakes,),
    "proofs": (assertions, counterexamples),
}
"""By check: what else is shown of its results."""


def _sums(results: Results, *keys: str) -> list[tuple[Any, ...]]:
    """For each core, how many entries its results have under each key."""
    cores = dict.fromkeys(result["core"] for result in results)
    return [
        (core, *(sum(len(r["data"][key]) for r in results if r["core"] == core) for key in keys))
        for core in cores
    ]


def _section(
    id: str, title: str, bad: int, tried: int, explanation: str, table: Table, word: str = "found"
) -> Section:
    if not tried:
        return absent(id, title)
    figure = f"{bad} {word}" if bad else f"none of {tried:,}"
    content = {"explanation": explanation, "table": table}
    return Section(id, title, "failed" if bad else "passed", figure, "explained.html", content)
