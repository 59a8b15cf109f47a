"""Coverage of the handshakes on a stream, whatever it carries: did it stall, did it run back to back?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pyuvm import uvm_subscriber

from spikelock.testbenches.functional_coverage import CoverGroup, Point, cross
from spikelock.testbenches.uvm.transactions import Transaction


def handshakes(stream: str, impossible: Mapping[tuple[str, ...], str] | None = None) -> CoverGroup:
    """Bins of one stream: a transaction passed at once or was stalled, and followed the one before at once or
    later.

    Samples the columns `waited` and `idle` of `Transaction`. impossible: combinations that a core cannot
    show.
    """
    offer = Point("offer", {"back to back": lambda t: t["idle"] == 0, "after a gap": lambda t: t["idle"] > 0})
    passing = Point("passing", {"at once": lambda t: t["waited"] == 0, "stalled": lambda t: t["waited"] > 0})
    return CoverGroup(stream, [cross(offer, passing, impossible=impossible)])


class HandshakeCoverage(uvm_subscriber):
    """Collects the transactions of one monitor and samples them at the end."""

    def build_phase(self) -> None:
        self.transactions: list[Transaction] = []
        self.group = handshakes(self.get_name())

    def write(self, transaction: Transaction) -> None:
        self.transactions.append(transaction)

    def extract_phase(self) -> None:
        self.group.sample(columns(self.transactions))


def columns(transactions: Sequence[Transaction]) -> dict[str, np.ndarray]:
    """When transactions passed, as arrays."""
    return {
        name: np.array([getattr(one, name) for one in transactions], np.int64)
        for name in ("cycle", "waited", "idle")
    }
