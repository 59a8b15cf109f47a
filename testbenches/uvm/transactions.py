"""Transactions as they travel between the components of the environment."""

from __future__ import annotations

from dataclasses import dataclass

from pyuvm import uvm_sequence_item


class StreamItem(uvm_sequence_item):
    """What a sequence asks a driver to send: the bits of one payload."""

    def __init__(self, bits: int) -> None:
        super().__init__("item")
        self.bits = bits


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a monitor saw pass: the bits of a payload, and when.

    cycle: number of the clock edge at which it passed.
    waited: edges at which it was valid but stalled, just before.
    idle: edges without a transaction on offer, before that.
    """

    bits: int
    cycle: int
    waited: int
    idle: int
