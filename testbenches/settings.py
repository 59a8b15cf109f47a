"""Random values for what a host sets."""

from __future__ import annotations

import numpy as np

from spikelock.models.ports import RegisterMap


def random_settings(registers: RegisterMap, random: np.random.Generator) -> dict[str, int]:
    """Values for three registers of four: most are as often small as large."""
    values = {}
    for name, register in registers.items():
        q = register.q
        bits = q.width if random.random() < 0.25 else int(random.integers(1, q.width + 1))
        least, beyond = (-(1 << (bits - 1)) if q.signed else 0), 1 << (bits - q.signed)
        value = int(random.integers(least, beyond, dtype=np.uint64 if beyond > 1 << 63 else np.int64))
        if random.random() < 0.75:
            values[name] = value
    return values
