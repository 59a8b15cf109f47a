"""The format of an event (address-event representation, AER): its fields, bit by bit.

    bits, from the lowest        field      meaning
    1 … 0                        kind       SPIKE 0, TICK 1, RESTART 2, FAULT 3 (`fabric.tile.Kind`)
    address_width + 1 … 2        address    of a SPIKE or FAULT: which neuron; of others: 0
    payload_width bits above     payload    a number that travels with a spike; of a mark: 0
    tick_width bits above        tick       the number of the step it belongs to, modulo 2^tick_width

A TICK is the *mark* that ends a step. Payload and tick are there only where their widths are not 0: without
them the format is that of a tile's stream. An event belongs to a step by its place between the marks; the
field `tick` says so once more, for a receiver that checks it.
"""

from __future__ import annotations

from dataclasses import dataclass

from spikelock.models.errors import RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

KIND_WIDTH = max(Kind).bit_length()
"""Bits of the field `kind`."""


@dataclass(frozen=True)
class Format:
    """Bits of an event's fields. address_width: 1 … 32. payload_width, tick_width: 0 … 32, 0 for none."""

    address_width: int = 8
    payload_width: int = 0
    tick_width: int = 0

    def __post_init__(self) -> None:
        for name, least in (("address_width", 1), ("payload_width", 0), ("tick_width", 0)):
            if not least <= getattr(self, name) <= 32:
                raise RangeError(f"{name} = {getattr(self, name)}: must be {least} … 32; 16 is usual")

    def port(self, clock: str = "sync") -> Port:
        """The stream of such events, in a clock domain."""
        widths = {
            "kind": KIND_WIDTH,
            "address": self.address_width,
            "payload": self.payload_width,
            "tick": self.tick_width,
        }
        return Port({name: unsigned(width) for name, width in widths.items() if width}, clock=clock)
