"""Waivers are checked: each names a hole, gives a reason and an author, and is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from spikelock.testbenches.waivers import Waiver, not_waived

TODAY = date(2026, 3, 1)
HOLE = "spike: fires"
WAIVER = Waiver(HOLE, "needs a larger stimulus", "A. Author", date(2026, 1, 1), date(2026, 3, 1))


def test_a_waived_hole_is_none() -> None:
    assert not_waived([HOLE, "other"], [WAIVER], TODAY) == (["other"], [])


@pytest.mark.parametrize(
    ("waiver", "problem"),
    [
        (replace(WAIVER, reason=" "), "has no reason"),
        (replace(WAIVER, by=""), "nobody's name"),
        (replace(WAIVER, on=date(2026, 3, 2)), "still to come"),
        (replace(WAIVER, expires=date(2026, 2, 28)), "expired on 2026-02-28"),
        (replace(WAIVER, what="spike: silent"), "is not needed"),
    ],
)
def test_a_waiver_that_is_not_in_order_is_a_problem(waiver: Waiver, problem: str) -> None:
    _, problems = not_waived([HOLE], [waiver], TODAY)
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_hole_waived_twice_is_a_problem() -> None:
    assert not_waived([HOLE], [WAIVER, WAIVER], TODAY) == ([], [f"{HOLE} is waived twice"])
