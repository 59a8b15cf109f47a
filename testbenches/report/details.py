"""What the sections with a template of their own are given, beside what every section has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .section import Results
from .tables import of_mappings

GENERIC = "check.html"


def details_of(check: str, results: Results) -> tuple[str, Mapping[str, Any]]:
    """The template of a check's section, and what it needs besides; most checks have the generic one.

    Results without the data that a template shows, such as those that were not run, are left out of it.
    """
    if check not in DETAILS:
        return GENERIC, {}
    needs, make = DETAILS[check]
    fit = [result for result in results if needs <= result["data"].keys()]
    return (f"{check}.html", make(fit)) if fit else (GENERIC, {})


def _proofs(results: Results) -> dict[str, Any]:
    unreached = [
        {"core": result["core"], "proof": result["title"], "cover": cover}
        for result in results
        for cover in result["data"]["covers_missing"]
    ]
    return {"proofs": results, "unreached": of_mappings("covers not reached", unreached)}


def _faults(results: Results) -> dict[str, Any]:
    outcomes = [
        {"core": result["core"], "group": group, **counts}
        for result in results
        for group, counts in result["data"]["groups"].items()
    ]
    places = [
        of_mappings(
            f"{result['core']}, {result['data']['kind']}: places, those with most silent corruptions first",
            [{k: v for k, v in place.items() if k != "shares"} for place in result["data"]["places"]],
        )
        for result in results
    ]
    return {"outcomes": outcomes, "places": places}


def _mutation(results: Results) -> dict[str, Any]:
    return {"scores": results}


DETAILS: Mapping[str, tuple[set[str], Callable[[Results], dict[str, Any]]]] = {
    "proofs": ({"verdict", "says", "covers", "covers_missing"}, _proofs),
    "mutation": ({"mutants", "strict", "optimistic", "interval", "killed"}, _mutation),
    "faults": ({"kind", "groups", "places"}, _faults),
}
"""Keys that the data of a result must have, and the function."""
