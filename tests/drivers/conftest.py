"""Both ends of a link, whose lines are closed after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spikelock.drivers.loopback import Loopback


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    loopback = Loopback()
    yield loopback
    loopback.close()
