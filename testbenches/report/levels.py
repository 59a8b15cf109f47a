"""What the results of benches say of each level: how many cases pass, how much agrees, resets, and X."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .section import Results, Section, absent
from .tables import Table, of_mappings

Words = Callable[[list[Mapping[str, Any]]], str]
"""What is said of some results."""


def levels_of_cores(results: Results) -> Table:
    """A row a core, a column a level: cases that passed, of all. Empty where results name no level."""
    cores: dict[str, dict[str, list[str]]] = {}
    for result in results:
        level = result["task"]["arguments"].get("level")
        if level is not None:
            cores.setdefault(result["core"], {}).setdefault(level, []).append(result["status"])
    rows = [
        {"core": core, **{level: _passed_of(statuses) for level, statuses in levels.items()}}
        for core, levels in cores.items()
    ]
    return of_mappings("cores and levels", rows)


def _passed_of(statuses: list[str]) -> str:
    if "not run" in statuses and "passed" not in statuses and "failed" not in statuses:
        return "NOT RUN"
    return f"{statuses.count('passed')} of {len(statuses)}"


def agreement(results: Results) -> Section:
    """Each level against the exact reference: transactions compared, and cases in which they differ."""

    def agreeing(some: list[Mapping[str, Any]]) -> str:
        return f"{sum(result['data'].get('transactions', 0) for result in some):,} transactions"

    return _by_level(
        "agreement",
        "Agreement",
        results,
        ("scoreboard",),
        "Every level is held against the exact reference, transaction by transaction: "
        "any two that pass agree.",
        agreeing,
    )


def reset_and_unknown(results: Results) -> Section:
    """Resets in mid-stream and undefined values: cases in which they show."""
    return _by_level(
        "reset-and-x",
        "Reset and X",
        [r for r in results if r["task"]["arguments"].get("level") not in ("reference", "engine")],
        ("reset", "unknown"),
        "Hardware is reset in mid-stream in every case. It powers up with random values or, with Icarus "
        "Verilog, undefined ones: no output may ever show them.",
        lambda some: f"{len(some)} case{'s' if len(some) > 1 else ''}",
    )


def _by_level(
    id: str, title: str, results: Results, detectors: tuple[str, ...], explanation: str, good: Words
) -> Section:
    """Cores and levels, and where one of these detectors found something; where none did, `good`."""
    cores: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for result in results:
        if level := result["task"]["arguments"].get("level"):
            cores.setdefault(result["core"], {}).setdefault(level, []).append(result)
    rows = [
        {"core": core, **{level: _found(some, detectors, good) for level, some in levels.items()}}
        for core, levels in cores.items()
    ]
    judged = [r for levels in cores.values() for some in levels.values() for r in some]
    if all(result["status"] == "not run" for result in judged):
        return absent(id, title)
    bad = sum(_shows(result, detectors) for result in judged)
    otherwise = sum(_broke_off(result, detectors) for result in judged)
    figures = [f"{bad} differ"] * bool(bad) + [f"{otherwise} broke off"] * bool(otherwise)
    return Section(
        id,
        title,
        "failed" if figures else "passed",
        ", ".join(figures) or "none differ",
        "explained.html",
        {"explanation": explanation, "table": of_mappings(title, rows)},
    )


def _shows(result: Mapping[str, Any], detectors: tuple[str, ...]) -> bool:
    return any(detector in detectors for detector in result["detectors"])


def _broke_off(result: Mapping[str, Any], detectors: tuple[str, ...]) -> bool:
    """It failed for another reason, so it says nothing of this."""
    return result["status"] == "failed" and not _shows(result, detectors)


def _found(results: list[Mapping[str, Any]], detectors: tuple[str, ...], good: Words) -> str:
    ran = [result for result in results if result["status"] != "not run"]
    if not ran:
        return "NOT RUN"
    bad = sum(_shows(result, detectors) for result in ran)
    otherwise = sum(_broke_off(result, detectors) for result in ran)
    words = [f"{bad} of {len(ran)} DIFFER"] * bool(bad) + [f"{otherwise} BROKE OFF"] * bool(otherwise)
    return ", ".join(words) or good(ran)
