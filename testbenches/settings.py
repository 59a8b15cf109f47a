"""Random values for what a host sets."""

from __future__ import annotations

import numpy as np

from spikelock.models.fixed import Q
from spikelock.models.ports import RegisterMap


def random_settings(registers: RegisterMap, random: np.random.Generator) -> dict[str, int]:
    """Values for three registers of four."""
    values = {name: random_setting(register.q, random) for name, register in registers.items()}
    return {name: value for name, value in values.items() if random.random() < 0.75}


def random_setting(q: Q, random: np.random.Generator) -> int:
    """Any value; most are as often small as large, many are 0, a power of two, or at an end of the range."""
    bits = q.width if random.random() < 0.25 else int(random.integers(1, q.width + 1))
    low, high = -(1 << (bits - 1)) if q.signed else 0, (1 << (bits - q.signed)) - 1
    match random.choice(["any", "power", "zero", "end"], p=[0.55, 0.2, 0.15, 0.1]):
        case "power":
            return int(min(high, 1 << int(random.integers(bits))))
        case "zero":
            return 0
        case "end":
            from_end = min(int(random.integers(3)), q.maximum)
            return (q.minimum + from_end, q.maximum - from_end)[int(random.integers(2))]
        case _:
            kind = np.uint64 if high >> 63 else np.int64
            return int(random.integers(low, high, endpoint=True, dtype=kind))
