"""Stall patterns: when a port of the bench holds back its valid (input streams) or its ready (output
streams).

A pattern is a two-state Markov chain that takes one step in every cycle of the port's clock, whatever the
design does, so it is a function of the stall, the seed and the cycle alone, and another simulator can repeat
it. Besides, or instead, the cycles to stall in can be listed one by one. `pattern` states it; `shim.hpp`
computes the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise

from spikelock.models.errors import BadInput

MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Stall:
    """begin: probability, in a cycle, that a running port starts to stall. end: that a stalled port stops
    stalling.

    cycles: besides, it stalls in these, which count from 0 and ascend: a pattern that is known exactly.
    after_valid: an output's ready is, besides, high only when its valid was high and not accepted the cycle
    before; it has no effect on inputs, whose valid may not wait for ready.
    """

    begin: float
    end: float
    after_valid: bool = False
    cycles: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("begin", "end"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"Stall.{name} = {getattr(self, name)}: a probability is 0 … 1; 0.25 is usual")
        if self.begin > 0 and self.end == 0:
            raise BadInput("Stall.end = 0: a stall would never end; 0.5 is usual")
        if any(b <= a for a, b in pairwise((-1, *self.cycles))):
            raise BadInput(f"Stall.cycles = {self.cycles}: cycles ascend from 0, such as (0, 1, 5)")

    @property
    def thresholds(self) -> tuple[int, int]:
        """`begin` and `end` as the number of 32-bit draws, out of 2^32, that mean yes."""
        return round(self.begin * 2**32), round(self.end * 2**32)


def exactly(cycles: Iterable[int]) -> Stall:
    """The port stalls in these cycles and in no others."""
    return Stall(0.0, 1.0, cycles=tuple(sorted(cycles)))


NONE = Stall(0.0, 1.0)
LIGHT = Stall(0.1, 0.7)
HEAVY = Stall(0.6, 0.3)
BURSTS = Stall(0.02, 0.05)
AFTER_VALID = Stall(0.0, 1.0, after_valid=True)

PRESETS = {"none": NONE, "light": LIGHT, "heavy": HEAVY, "bursts": BURSTS, "after_valid": AFTER_VALID}
"""Stalls by name. Streams run unhindered, are stalled now and then, mostly, or for long at a time."""


def port_seed(seed: int, port: str) -> int:
    """Seed of one port's chain: ports of one run differ, whatever the order they are declared in."""
    return (seed * 0x9E3779B97F4A7C15 ^ zlib.crc32(port.encode()) << 32) & MASK


def pattern(stall: Stall, seed: int) -> Iterator[bool]:
    """Whether the port stalls, cycle by cycle, for ever; `seed` is that of `port_seed`.

    Each cycle takes the upper 32 bits of the next SplitMix64 output, unless `begin` is 0.
    """
    begin, end = stall.thresholds
    draws = splitmix64(seed)
    listed = set(stall.cycles)
    stalled = False
    for cycle in count():
        if begin:
            draw = next(draws) >> 32
            stalled = draw >= end if stalled else draw < begin
        yield stalled or cycle in listed


def splitmix64(seed: int) -> Iterator[int]:
    """The pseudo-random 64-bit numbers of Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK
        yield mixed ^ mixed >> 31
