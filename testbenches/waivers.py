"""Waivers: what need not be covered, said by name, with a reason, an author and a date.

A waiver is checked as everything else is: one that is not needed, has no reason or has expired is a problem.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Waiver:
    """what: a hole, by the name it is reported under. by: who says so. expires: the last day it holds."""

    what: str
    reason: str
    by: str
    on: date
    expires: date | None = None


def not_waived(
    holes: Collection[str], waivers: Sequence[Waiver], today: date | None = None
) -> tuple[list[str], list[str]]:
    """The holes that no waiver names; and what is wrong with the waivers, one sentence each.

    today: for tests; the day of the call where it is not given.
    """
    today = today or date.today()
    problems = [problem for waiver in waivers if (problem := _problem(waiver, holes, today))]
    named = [waiver.what for waiver in waivers]
    problems += [f"{what} is waived twice" for what in dict.fromkeys(named) if named.count(what) > 1]
    return [hole for hole in holes if hole not in named], problems


def _problem(waiver: Waiver, holes: Collection[str], today: date) -> str | None:
    of = f"the waiver of {waiver.what!r}"
    if not waiver.reason.strip() or not waiver.by.strip():
        return f"{of} has no reason, or nobody's name: it needs both"
    if waiver.on > today:
        return f"{of} is of {waiver.on}, which is still to come"
    if waiver.expires is not None and waiver.expires < today:
        return f"{of} expired on {waiver.expires}: cover it, or say anew why not"
    if waiver.what not in holes:
        return f"{of} is not needed: it is covered, or there is nothing of that name; remove it"
    return None
