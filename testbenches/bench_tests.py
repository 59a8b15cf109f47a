"""The tests of a bench module, for pytest: its cases at every level, and what they must reach together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spikelock.models.errors import MissingTool

from .bench import Bench, Case
from .checking import check, coverage
from .levels import LEVELS, NETLISTS
from .selection import cases_at
from .waivers import not_waived

SIZES = {
    "reference": 2_000,
    "engine": 2_000,
    "rtl": 2_000,
    "cocotb": 300,
    "icarus": 300,
    **dict.fromkeys(NETLISTS, 1_000),
}
"""Input transactions of a test, by level; a long run takes `LONGER` times as many."""

LONGER = 50


@contextmanager
def skipped_without_tools() -> Iterator[None]:
    """Skips the test, with the reason, where what is done inside needs a tool that is not installed."""
    import pytest

    try:
        yield
    except MissingTool as missing:
        pytest.skip(str(missing))


def parametrise(metafunc: Any, bench: Bench) -> None:
    """A bench module's `pytest_generate_tests`: at every level the cases it has there; in a long run, all."""
    if {"case", "level"} <= set(metafunc.fixturenames):
        every = metafunc.config.getoption("--size") == "long"
        pairs = [
            (level, case) for level in LEVELS for case in (bench.cases if every else cases_at(bench, level))
        ]
        metafunc.parametrize(("level", "case"), pairs, ids=[f"{level}-{case.name}" for level, case in pairs])


def require(bench: Bench, case: Case, level: str, size: Any) -> None:
    """A bench module's test of one case at one level; skipped where a tool is missing. size: the fixture."""
    transactions = size.pick(SIZES[level], LONGER * SIZES[level])
    with skipped_without_tools():
        result = check(bench, case, level, size=transactions, waves=Path("build") / "waves")
    assert result.passed, str(result)


def require_coverage(bench: Bench, level: str = "cocotb") -> None:
    """A bench module's test that the cases, as large as at that level, reach everything between them."""
    results = [check(bench, case, "reference", size=SIZES[level]) for case in bench.cases]
    group = coverage(bench, results)
    holes, problems = not_waived(group.holes(), bench.waivers)
    assert not [*holes, *problems, *group.broken_promises()], group.report()
