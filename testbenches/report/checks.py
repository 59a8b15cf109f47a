"""Which checks a full account has, and in which order the page shows them."""

from __future__ import annotations

from collections.abc import Iterable

EXPECTED = {
    "bench": "Cases at every level",
    "networks": "Networks across levels",
    "search": "Random search",
    "replay": "Failures of the past",
    "controls": "Negative controls",
    "known_bugs": "Known bugs",
    "coverage": "Coverage",
    "proofs": "Proofs",
    "mutation": "Mutation",
    "faults": "Fault injection",
    "cost": "Hardware cost",
    "hardware": "Hardware in the loop",
}
"""Checks that a full account has, with the heading of each where it was not run."""


def in_order(names: Iterable[str]) -> list[str]:
    """Names of checks in the order of the page: first those that are expected, then others as they come."""
    given = list(names)
    return [*(name for name in EXPECTED if name in given), *(name for name in given if name not in EXPECTED)]
