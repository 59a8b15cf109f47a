"""Random register values for neurons: as often as not such as let a membrane meet its threshold exactly."""

from __future__ import annotations

import numpy as np

from spikelock.models.ports import RegisterMap
from spikelock.testbenches.settings import random_settings

SMALL = 40
"""About as large as membranes are that have integer steps to a threshold."""


def lif_settings(registers: RegisterMap, random: np.random.Generator) -> dict[str, int]:
    """Values for the registers of one LIF, or of several, whose names then end in those of the LIF's.

    In half of them coefficients are 0, or plus or minus 1, and the threshold is small: membranes are integers
    then, and now and then equal to the threshold, which random coefficients hardly ever bring about.
    """
    values = random_settings(registers, random)
    if random.random() < 0.5:
        return values
    for name, register in registers.items():
        one = 1 << register.q.fraction
        if name.endswith("leak"):
            values[name] = int(random.choice([0, 0, one, -one]))
        elif name.endswith("gain"):
            values[name] = int(random.choice([one, one, -one, 2 * one]))
        elif name.endswith(("threshold", "rest", "reset")):
            values[name] = int(random.integers(-SMALL, SMALL))
        values[name] = max(register.q.minimum, min(register.q.maximum, values.get(name, register.reset)))
    return values
