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

from dataclasses import dataclass, field

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Q, unsigned
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


@dataclass(frozen=True)
class Neurons:
    """The neurons whose spikes are events of a channel: neuron i has the address base + i.

    neurons: how many, 1 … 4096. base: the address of the first. event: the format; it has no payload.
    """

    neurons: int = 16
    base: int = 0
    event: Format = field(default_factory=Format)

    def __post_init__(self) -> None:
        if not 1 <= self.neurons <= 4096:
            raise RangeError(f"neurons = {self.neurons}: a spike vector has 1 … 4096 bits; 64 is usual")
        most = (1 << self.event.address_width) - self.neurons
        if not 0 <= self.base <= most:
            raise RangeError(
                f"base = {self.base}: with {self.neurons} neurons and addresses of "
                f"{self.event.address_width} bits it must be 0 … {most}"
            )
        if self.event.payload_width:
            raise BadInput(
                f"payload_width = {self.event.payload_width}: a spike vector has no payloads: use 0"
            )


def spike_vector(neurons: int) -> dict[str, Q]:
    """Fields of a spike vector: bit i of all of them together is neuron i; 64 bits a field, at most."""
    return {f"spikes{n // 64}": unsigned(min(64, neurons - n)) for n in range(0, neurons, 64)}
