"""Linear-feedback shift registers (LFSRs): the named sources of pseudo-random bits.

A Fibonacci LFSR is a window, one register wide, on an endless bit stream in which every new bit is the
exclusive or of a few bits of the window:

    left:  state' = {state[width-2:0], feedback}      the oldest bit of the window is the top bit
    right: state' = {feedback, state[width-1:1]}      the oldest bit of the window is bit 0

With a primitive feedback polynomial the state takes all values other than zero, in one cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import RangeError


@dataclass(frozen=True)
class LFSR:
    """A shift register of 2 to 62 bits, whose feedback is the exclusive or of the state bits in `taps`."""

    name: str
    width: int
    taps: tuple[int, ...]
    kind: Literal["fibonacci_left", "fibonacci_right"]

    def __post_init__(self) -> None:
        if not 2 <= self.width <= 62:
            raise RangeError(f"LFSR {self.name} has {self.width} bits; 2 to 62 are possible")
        oldest = self.width - 1 if self.kind == "fibonacci_left" else 0
        if oldest not in self.taps or not all(0 <= tap < self.width for tap in self.taps):
            raise RangeError(
                f"LFSR {self.name} has taps {self.taps}; all must be 0 … {self.width - 1}, and bit {oldest}, "
                "which is shifted out, must be one of them"
            )

    @property
    def period(self) -> int:
        """States of the full cycle, which is reached where the feedback polynomial is primitive."""
        return (1 << self.width) - 1

    def next(self, state: int) -> int:
        """The state after `state`."""
        feedback = sum(state >> tap for tap in self.taps) & 1
        if self.kind == "fibonacci_left":
            return (state << 1) & self.period | feedback
        return state >> 1 | feedback << (self.width - 1)

    def states(self, seed: int | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """The first `count` states from `seed`, the seed itself being the first; shape (*seed.shape, count).

        Raises RangeError for a seed that is 0 (it would stay 0 for ever) or wider than the register.
        """
        seeds = self._check_seed(seed)
        left = self.kind == "fibonacci_left"
        # age[i]: place of state bit i in the window, from the oldest bit of the stream
        age = [self.width - 1 - i if left else i for i in range(self.width)]
        stream = np.empty((*seeds.shape, self.width + max(count, 1) - 1), np.uint8)
        for i in range(self.width):
            stream[..., age[i]] = seeds >> i & 1
        self._extend(stream, [age[tap] for tap in self.taps])
        out = np.zeros((*seeds.shape, count), np.int64)
        for i in range(self.width):
            out |= stream[..., age[i] : age[i] + count].astype(np.int64) << i
        return out

    def _extend(self, stream: NDArray[np.uint8], ages: list[int]) -> None:
        """Fills the stream after its first `width` bits: b[n + width] = XOR of b[n + age].

        Squaring a polynomial over GF(2) doubles its exponents, so b[n + width·2^k] = XOR of b[n + age·2^k]
        holds as well: the further the stream has come, the longer the block that one array operation adds.
        """
        known, length, scale = self.width, stream.shape[-1], 1
        while known < length:
            while 2 * scale * self.width <= known:
                scale *= 2
            block = min(scale * (self.width - max(ages)), length - known)
            start = known - scale * self.width
            parts = [stream[..., start + scale * age :][..., :block] for age in ages]
            stream[..., known : known + block] = np.bitwise_xor.reduce(parts)
            known += block

    def take(self, state: int, bits: int) -> tuple[int, int]:
        """For one stochastic rounding that drops `bits` bits: (low `bits` bits of the state, next state).

        The state advances at every rounding, even if no bits are dropped. Raises RangeError for bits > width.
        """
        self.require_bits(bits)
        return state & ((1 << bits) - 1), self.next(state)

    def require_bits(self, bits: int) -> None:
        """Raises RangeError where one state cannot give that many random bits."""
        if not 0 <= bits <= self.width:
            raise RangeError(
                f"stochastic rounding of {bits} bits from LFSR {self.name}: it gives 0 to {self.width} bits "
                "a state; drop fewer bits, or name a wider LFSR"
            )

    def _check_seed(self, seed: int | NDArray[np.int64]) -> NDArray[np.int64]:
        seeds: NDArray[Any] = np.asarray(seed)
        bad = (seeds < 1) | (seeds > self.period)
        if seeds.dtype.kind not in "iu" or bad.any():
            first = seeds[bad].flat[0] if bad.any() else seeds.dtype
            raise RangeError(f"LFSR {self.name}: seed {first}; it must be an integer, 1 … {self.period}")
        return seeds.astype(np.int64)


LFSRS: Mapping[str, LFSR] = {
    lfsr.name: lfsr
    for lfsr in (
        LFSR("fibonacci16_left", 16, (15, 13, 12, 10), "fibonacci_left"),
        LFSR("fibonacci16_right", 16, (0, 2, 3, 5), "fibonacci_right"),
    )
}
"""Known LFSRs by name. Both have the polynomial x^16 + x^14 + x^13 + x^11 + 1 and period 65,535."""
