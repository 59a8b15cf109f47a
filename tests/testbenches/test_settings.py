"""Random register values: of every width, and for every one of its values."""

from __future__ import annotations

import numpy as np
import pytest

from spikelock.models.fixed import Q
from spikelock.models.ports import Register
from spikelock.testbenches.settings import random_settings


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("width", [1, 8, 63, 64])
def test_values_fit_and_reach_the_highest_bit(width: int, signed: bool) -> None:
    registers = {"r": Register(Q(width, signed=signed), 0, "any")}
    random = np.random.default_rng(3)
    drawn = [settings["r"] for _ in range(200) if (settings := random_settings(registers, random))]
    q = registers["r"].q
    assert all(q.minimum <= value <= q.maximum for value in drawn)
    assert any(value >> (width - 1) & 1 for value in drawn)
    assert not all(value >> (width - 1) & 1 for value in drawn)
