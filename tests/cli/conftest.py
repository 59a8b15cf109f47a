"""What commands print is as wide here as on a usual terminal, wherever the tests are run."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich asks for this first."""
    monkeypatch.setenv("COLUMNS", "100")
