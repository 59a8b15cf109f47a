"""Random transactions of a port."""

from __future__ import annotations

import numpy as np

from spikelock.models.ports import Layout, Records


def random_records(layout: Layout, count: int, random: np.random.Generator) -> Records:
    """Records whose fields are uniform over their formats."""
    records = np.zeros(count, layout.dtype)
    for name, q in layout.fields.items():
        records[name] = random.integers(q.minimum, q.maximum, count, records.dtype[name], endpoint=True)
    return records
