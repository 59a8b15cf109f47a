"""What every test can rely on: how large to be, and Hypothesis settings that never depend on time.

`--size long` runs the same tests with larger numbers. A test asks the fixture `size` which number to use:

    def test_soak(size: Size) -> None:
        cycles = size.pick(10_000, 10_000_000)

Loaded by the `conftest.py` at the top; elsewhere `-p spikelock.testbenches.pytest_plugin` loads it.
"""

from __future__ import annotations

import os
from enum import Enum
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

T = TypeVar("T")


class Size(Enum):
    """How large the tests are."""

    SHORT = "short"
    LONG = "long"

    def pick(self, short: T, long: T) -> T:
        """One of two values: for the gate, or for the long run."""
        return short if self is Size.SHORT else long


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--size",
        choices=[size.value for size in Size],
        default=Size.SHORT.value,
        help="how large the tests are: short for the gate, long for soaks and full runs",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Chooses the Hypothesis profile: CI repeats itself, a developer and a long run explore."""
    size = Size(config.getoption("--size"))
    common = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("explore", common)
    settings.register_profile("ci", common, derandomize=True, database=None)
    settings.register_profile("long", common, max_examples=2_000)
    if config.getoption("--hypothesis-profile") is None:
        in_ci = bool(os.environ.get("CI"))
        settings.load_profile("long" if size is Size.LONG else "ci" if in_ci else "explore")


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    """How large this run is."""
    return Size(pytestconfig.getoption("--size"))
