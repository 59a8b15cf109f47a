"""Fixed-point numbers."""

from __future__ import annotations

from dataclasses import dataclass

from spikelock.models.errors import RangeError


@dataclass(frozen=True)
class Q:
    """A fixed-point format: the raw integer r stands for the number r · 2^−fraction.

    `integer` counts the bits left of the point *including* the sign bit, so that `width = integer + fraction`
    always holds: Q8.8 in 16 bits is `Q(8, 8)`, SpiNNaker's s16.15 is `Q(17, 15)`, u0.32 is `Q(0, 32, signed=False)`.
    """

    integer: int
    fraction: int = 0
    signed: bool = True

    def __post_init__(self) -> None:
        if self.integer < 0 or self.fraction < 0 or self.width < 1:
            raise RangeError(
                f"Q({self.integer}, {self.fraction}): both parts must be 0 or more and add up to at least 1 bit; "
                "Q(8, 8) is a signed 16-bit number with 8 fraction bits"
            )

    @property
    def width(self) -> int:
        """Bits in all."""
        return self.integer + self.fraction

    @property
    def minimum(self) -> int:
        """Smallest raw integer."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """Largest raw integer."""
        return (1 << (self.width - int(self.signed))) - 1


def signed(width: int, fraction: int = 0) -> Q:
    """Signed format of `width` bits, `fraction` of them right of the point."""
    return Q(width - fraction, fraction, True)


def unsigned(width: int, fraction: int = 0) -> Q:
    """Unsigned format of `width` bits, `fraction` of them right of the point."""
    return Q(width - fraction, fraction, False)
