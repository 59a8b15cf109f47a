"""Coverage of the handshakes on a stream, whatever it carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyuvm import uvm_subscriber

from spikelock.testbenches.functional_coverage import handshakes
from spikelock.testbenches.uvm.transactions import Transaction


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
