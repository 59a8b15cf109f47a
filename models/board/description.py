"""What a board's top is made of: the sizes of its tiles, its clock, its line."""

from __future__ import annotations

from dataclasses import dataclass, field

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import chain
from spikelock.models.link import uart

from . import taps


@dataclass(frozen=True)
class BoardParams:
    """The hardware between a line's two pins, fixed when it is built.

    name: of the board, for messages. chain: the tiles. clock: frequency of the only clock, in Hz. baud: bits
    a second on the line. window: packets that the board may have sent and not yet seen acknowledged, a power
    of two up to 64. event_buffer: events that wait before the chain, and behind it, a power of two from 16
    on. lockstep: there is hardware that compares the chain's events with expected ones. probe_depth: samples
    that the probe's ring holds, a power of two from 16 on; 0: there is no probe.
    """

    name: str = "virtual"
    chain: chain.Params = field(default_factory=chain.Params)
    clock: int = 12_000_000
    baud: int = 3_000_000
    window: int = 4
    event_buffer: int = 512
    lockstep: bool = True
    probe_depth: int = 256

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 40 or not self.name.isprintable():
            raise BadInput(f"board name {self.name!r}: 1 … 40 printable characters are needed")
        if not 1 <= self.clock < 1 << 32:
            raise RangeError(f"clock = {self.clock} Hz: 1 … {(1 << 32) - 1} are possible; 12000000 is usual")
        uart.Params(self.clock, self.baud)  # checks them
        _check_power_of_two("window", self.window, 2, 64)
        _check_power_of_two("event_buffer", self.event_buffer, 16, 4096)
        if self.probe_depth:
            _check_power_of_two("probe_depth", self.probe_depth, 16, 4096)
            taps.layouts(self.chain)  # checks that an event fits a sample


def _check_power_of_two(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most or value & (value - 1):
        raise RangeError(f"{name} = {value}: a power of two from {least} to {most} is needed")
