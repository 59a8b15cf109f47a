"""Linear-feedback shift registers (LFSRs): the named sources of pseudo-random bits.

A Fibonacci LFSR is a window, one register wide, on an endless bit stream in which every new bit is the
exclusive or of a few bits of the window. A Galois LFSR adds the bit that falls out to a few of those that
stay:

    fibonacci_left:  state' = {state[width-2:0], feedback}      feedback = XOR of the state bits in `taps`
    fibonacci_right: state' = {feedback, state[width-1:1]}
    galois:          state' = (state >> 1) XOR (state[0] ? mask : 0)    mask has the bits in `taps`

All three obey one recurrence, for single bits and for whole states: with the polynomial 1 + Σ x^e,

    state[n] = XOR over e of state[n − e]

With a primitive polynomial the state takes all values other than zero, in one cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import RangeError

Kind = Literal["fibonacci_left", "fibonacci_right", "galois"]


@dataclass(frozen=True)
class LFSR:
    """A shift register of 2 to 64 bits with feedback by the state bits in `taps`; see the module."""

    name: str
    width: int
    taps: tuple[int, ...]
    kind: Kind

    def __post_init__(self) -> None:
        if not 2 <= self.width <= 64:
            raise RangeError(f"LFSR {self.name} has {self.width} bits; 2 to 64 are possible")
        last = 0 if self.kind == "fibonacci_right" else self.width - 1
        if last not in self.taps or not all(0 <= tap < self.width for tap in self.taps):
            raise RangeError(
                f"LFSR {self.name} has taps {self.taps}; all must be 0 … {self.width - 1}, and bit {last}, "
                "without which a bit would be lost, must be one of them"
            )

    @property
    def exponents(self) -> tuple[int, ...]:
        """Exponents e of the feedback polynomial 1 + Σ x^e."""
        if self.kind == "fibonacci_right":
            return tuple(self.width - tap for tap in self.taps)
        return tuple(tap + 1 for tap in self.taps)

    @property
    def period(self) -> int:
        """States of the full cycle, which is reached where the feedback polynomial is primitive."""
        return (1 << self.width) - 1

    def next(self, state: int) -> int:
        """The state after `state`."""
        if self.kind == "galois":
            return state >> 1 ^ (sum(1 << tap for tap in self.taps) if state & 1 else 0)
        feedback = sum(state >> tap for tap in self.taps) & 1
        if self.kind == "fibonacci_left":
            return (state << 1) & self.period | feedback
        return state >> 1 | feedback << (self.width - 1)

    def states(self, seed: int | NDArray[Any], count: int) -> NDArray[Any]:
        """The first `count` states from `seed`, the seed itself being the first; shape (*seed.shape, count).

        int64, or uint64 for a register of 64 bits. Raises RangeError for a seed that is 0 (it would stay 0
        for ever) or wider than the register, and for a negative count.
        """
        if count < 0:
            raise RangeError(f"LFSR {self.name}: {count} states; it must be 0 or more")
        seeds = self._check_seed(seed)
        out = np.empty((*seeds.shape, max(count, self.width)), np.uint64)
        out[..., 0] = seeds
        for n in range(1, self.width):
            out[..., n] = self._step(out[..., n - 1])
        self._extend(out)
        return out[..., :count].view(np.uint64 if self.width == 64 else np.int64)

    def _step(self, states: NDArray[np.uint64]) -> NDArray[np.uint64]:
        one, top = np.uint64(1), np.uint64(self.width - 1)
        if self.kind == "galois":
            mask = np.uint64(sum(1 << tap for tap in self.taps))
            return states >> one ^ (states & one) * mask
        feedback: NDArray[np.uint64] = np.bitwise_xor.reduce(
            [states >> np.uint64(tap) & one for tap in self.taps]
        )
        if self.kind == "fibonacci_left":
            return states << one & np.uint64(self.period) | feedback
        return states >> one | feedback << top

    def _extend(self, states: NDArray[np.uint64]) -> None:
        """Fills the states after the first `width`: states[n] = XOR of states[n − e].

        Squaring a polynomial over GF(2) doubles its exponents, so the same holds for e·2^k: the further the
        states have come, the longer the block that one array operation adds.
        """
        known, length, scale = self.width, states.shape[-1], 1
        while known < length:
            while 2 * scale * self.width <= known:
                scale *= 2
            block = min(scale * min(self.exponents), length - known)
            following = states[..., known : known + block]
            following[...] = 0
            for e in self.exponents:
                following ^= states[..., known - scale * e :][..., :block]
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

    def _check_seed(self, seed: int | NDArray[Any]) -> NDArray[np.uint64]:
        if isinstance(seed, int) and not 1 <= seed <= self.period:
            raise self._seed_error(seed)
        seeds: NDArray[Any] = np.asarray(seed)
        if seeds.dtype.kind not in "iu":
            raise self._seed_error(seeds.dtype)
        bad = (seeds < 1) | (seeds > self.period)
        if bad.any():
            raise self._seed_error(seeds[bad].flat[0])
        return seeds.astype(np.uint64)

    def _seed_error(self, found: object) -> RangeError:
        return RangeError(f"LFSR {self.name}: seed {found}; it must be an integer, 1 … {self.period}")


LFSRS: Mapping[str, LFSR] = {
    lfsr.name: lfsr
    for lfsr in (
        LFSR("fibonacci16_left", 16, (15, 13, 12, 10), "fibonacci_left"),
        LFSR("fibonacci16_right", 16, (0, 2, 3, 5), "fibonacci_right"),
    )
}
"""Known LFSRs by name. Both have the polynomial x^16 + x^14 + x^13 + x^11 + 1 and period 65,535."""

MAXIMAL_EXPONENTS: Mapping[int, tuple[int, ...]] = {
    3: (3, 2),
    4: (4, 3),
    5: (5, 4, 3, 2),
    6: (6, 5, 3, 2),
    7: (7, 6, 5, 4),
    8: (8, 6, 5, 4),
    9: (9, 8, 6, 5),
    10: (10, 9, 7, 6),
    11: (11, 10, 9, 7),
    12: (12, 11, 8, 6),
    13: (13, 12, 10, 9),
    14: (14, 13, 11, 9),
    15: (15, 14, 13, 11),
    16: (16, 14, 13, 11),
    17: (17, 16, 15, 14),
    18: (18, 17, 16, 13),
    19: (19, 18, 17, 14),
    20: (20, 19, 16, 14),
    21: (21, 20, 19, 16),
    22: (22, 19, 18, 17),
    23: (23, 22, 20, 18),
    24: (24, 23, 21, 20),
    25: (25, 24, 23, 22),
    26: (26, 25, 24, 20),
    27: (27, 26, 25, 22),
    28: (28, 27, 24, 22),
    29: (29, 28, 27, 25),
    30: (30, 29, 26, 24),
    31: (31, 30, 29, 28),
    32: (32, 30, 26, 25),
    33: (33, 32, 29, 27),
    34: (34, 31, 30, 26),
    35: (35, 34, 28, 27),
    36: (36, 35, 29, 28),
    37: (37, 36, 33, 31),
    38: (38, 37, 33, 32),
    39: (39, 38, 35, 32),
    40: (40, 37, 36, 35),
    41: (41, 40, 39, 38),
    42: (42, 40, 37, 35),
    43: (43, 42, 38, 37),
    44: (44, 42, 39, 38),
    45: (45, 44, 42, 41),
    46: (46, 40, 39, 38),
    47: (47, 46, 43, 42),
    48: (48, 44, 41, 39),
    49: (49, 45, 44, 43),
    50: (50, 48, 47, 46),
    51: (51, 50, 48, 45),
    52: (52, 51, 49, 46),
    53: (53, 52, 51, 47),
    54: (54, 51, 48, 46),
    55: (55, 54, 53, 49),
    56: (56, 54, 52, 49),
    57: (57, 55, 54, 52),
    58: (58, 57, 53, 52),
    59: (59, 57, 55, 52),
    60: (60, 58, 56, 55),
    61: (61, 60, 59, 56),
    62: (62, 59, 57, 56),
    63: (63, 62, 59, 58),
    64: (64, 63, 61, 60),
}
"""By width, the exponents of a primitive polynomial: four terms from 5 bits on, two below.

R. W. Ward and T. C. A. Molteno, "Table of Linear Feedback Shift Registers", University of Otago, 2007.
"""


def maximal(width: int, kind: Kind) -> LFSR:
    """The LFSR of that width, 3 to 64, with period 2^width − 1. Raises RangeError for other widths."""
    if width not in MAXIMAL_EXPONENTS:
        raise RangeError(
            f"an LFSR of {width} bits: the table of maximal feedback polynomials has widths "
            f"{min(MAXIMAL_EXPONENTS)} to {max(MAXIMAL_EXPONENTS)}"
        )
    exponents = MAXIMAL_EXPONENTS[width]
    taps = [width - e if kind == "fibonacci_right" else e - 1 for e in exponents]
    return LFSR(f"{kind}{width}", width, tuple(taps), kind)
