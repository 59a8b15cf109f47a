"""Fixed-point numbers: formats, rounding, overflow, and the ranges of intermediate results.

`shift_right`, `fit` and `quantise` are exact on Python integers and cannot overflow: reference code uses
them. `shift_right_array`, `fit_array` and `quantise_array` are their twins on int64 arrays: engine code uses
them. The twins share no arithmetic with the exact functions. An engine object computes the `Interval` of each
of its intermediate results when it is made, so that a range beyond int64 is refused there and never wraps
silently later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError

Ints = NDArray[np.int64]
"""Raw integers of a fixed-point format, any shape."""


class Rounding(Enum):
    """How bits right of the point are dropped."""

    FLOOR = "floor"
    """Towards minus infinity: the bits are cut off."""
    NEAREST_EVEN = "nearest-even"
    """To the nearest integer; a tie goes to the even one."""
    NEAREST_AWAY = "nearest-away"
    """To the nearest integer; a tie goes away from zero."""
    STOCHASTIC = "stochastic"
    """Up with a probability equal to the part dropped: floor after adding a random number below one unit."""


class Overflow(Enum):
    """What becomes of a value that does not fit its format."""

    SATURATE = "saturate"
    """The nearest value that fits."""
    WRAP = "wrap"
    """The low bits: the value modulo 2^width."""
    TRAP = "trap"
    """An error: the models raise RangeError; hardware saturates and raises a flag."""


@dataclass(frozen=True)
class Q:
    """A fixed-point format: the raw integer r stands for the number r / 2^fraction.

    `integer` counts the bits left of the point *including* the sign bit, so that `width = integer + fraction`
    always holds: Q8.8 in 16 bits is `Q(8, 8)`, SpiNNaker's s16.15 is `Q(17, 15)`, u0.32 is
    `Q(0, 32, signed=False)`.
    """

    integer: int
    fraction: int = 0
    signed: bool = True

    def __post_init__(self) -> None:
        if self.integer < 0 or self.fraction < 0 or self.width < 1:
            raise RangeError(
                f"Q({self.integer}, {self.fraction}): both parts must be 0 or more and add up to at least "
                "1 bit; Q(8, 8) is a signed 16-bit number with 8 fraction bits"
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


# ---------------------------------------------------------------- exact, on Python integers


def shift_right(value: int, bits: int, rounding: Rounding, random: int | None = None) -> int:
    """value / 2^bits, rounded to an integer.

    Stochastic rounding is floor((value + random) / 2^bits) with 0 ≤ random < 2^bits, which the caller must
    give; the other roundings ignore `random`. Raises RangeError for negative `bits`, and for a `random` that
    is missing or out of range.
    """
    _check_bits(bits)
    if rounding is Rounding.STOCHASTIC:
        if random is None or not 0 <= random < 1 << bits:
            raise RangeError(_random_rule(bits, random))
        return (value + random) >> bits
    if rounding is Rounding.FLOOR or bits == 0:
        return value >> bits
    half = 1 << (bits - 1)
    if rounding is Rounding.NEAREST_AWAY:
        magnitude = (abs(value) + half) >> bits
        return magnitude if value >= 0 else -magnitude
    odd = (value >> bits) & 1
    return (value + half - 1 + odd) >> bits


def fit(value: int, q: Q, overflow: Overflow) -> int:
    """The raw integer `value` brought into format `q`.

    Raises RangeError where it does not fit and `overflow` is TRAP.
    """
    if q.minimum <= value <= q.maximum:
        return value
    if overflow is Overflow.TRAP:
        raise RangeError(_trap_message(value, q))
    if overflow is Overflow.SATURATE:
        return q.minimum if value < q.minimum else q.maximum
    return (value - q.minimum) % (1 << q.width) + q.minimum


def quantise(
    x: float | Fraction,
    q: Q,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    overflow: Overflow = Overflow.TRAP,
) -> int:
    """The raw integer of format `q` that stands for the number `x`: x · 2^fraction, rounded, fitted; exact.

    Raises BadInput for NaN, infinity and stochastic rounding (a real number drops no fixed number of bits),
    RangeError where the number does not fit and `overflow` is TRAP.
    """
    _check_deterministic(rounding)
    if isinstance(x, float) and not math.isfinite(x):
        raise BadInput(f"{x} has no fixed-point value; a finite number is needed")
    scaled = Fraction(x) * (1 << q.fraction)
    below = math.floor(scaled)
    dropped = scaled - below
    if rounding is Rounding.FLOOR:
        up = False
    elif rounding is Rounding.NEAREST_AWAY:
        up = dropped > Fraction(1, 2) or (dropped == Fraction(1, 2) and scaled > 0)
    else:
        up = dropped > Fraction(1, 2) or (dropped == Fraction(1, 2) and below % 2 == 1)
    raw = below + up
    if overflow is Overflow.TRAP and not q.minimum <= raw <= q.maximum:
        raise RangeError(_number_trap_message(x, q))
    return fit(raw, q, overflow)


# ---------------------------------------------------------------- vectorised, on int64 arrays


def shift_right_array(value: Ints, bits: int, rounding: Rounding, random: Ints | None = None) -> Ints:
    """`shift_right` on an int64 array, 0 ≤ bits ≤ 63; `random` broadcasts against `value`.

    Works on quotient and remainder, never adding to `value`, so it is exact for every int64. Raises BadInput
    for another dtype, RangeError for `bits` or `random` out of range.
    """
    _check_bits(bits, most=63)
    _check_int64(value, "value")
    quotient = value >> bits
    if rounding is Rounding.FLOOR:
        return quotient
    mask = np.int64((1 << bits) - 1)
    remainder = value & mask
    if rounding is Rounding.STOCHASTIC:
        if random is None:
            raise RangeError(_random_rule(bits, random))
        _check_int64(random, "random")
        if random.size and not (random.min() >= 0 and random.max() <= mask):
            raise RangeError(_random_rule(bits, int(random.min() if random.min() < 0 else random.max())))
        carry = random > mask - remainder
        return quotient + carry.astype(np.int64)
    if bits == 0:
        return quotient
    half = np.int64(1 << (bits - 1))
    tie_goes_up = value >= 0 if rounding is Rounding.NEAREST_AWAY else (quotient & 1) == 1
    up: NDArray[np.bool_] = (remainder > half) | ((remainder == half) & tie_goes_up)
    return quotient + up.astype(np.int64)


def fit_array(value: Ints, q: Q, overflow: Overflow) -> Ints:
    """`fit` on an int64 array.

    Raises BadInput for another dtype, RangeError where `q` itself does not fit int64 (unsigned formats have
    at most 63 bits here, signed ones 64), and where a value does not fit and `overflow` is TRAP.
    """
    _check_int64(value, "value")
    Interval.of(q).require_int64(f"{q}")
    if overflow is Overflow.SATURATE:
        return np.clip(value, q.minimum, q.maximum)
    if overflow is Overflow.TRAP:
        outside = (value < q.minimum) | (value > q.maximum)
        if outside.any():
            raise RangeError(_trap_message(int(value[outside][0]), q))
        return value.copy()
    if q.width == 64:
        return value.copy()
    low = value & np.int64((1 << q.width) - 1)
    if not q.signed:
        return low
    sign = np.int64(1 << (q.width - 1))
    return (low ^ sign) - sign


def quantise_array(
    x: NDArray[np.floating[Any]],
    q: Q,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    overflow: Overflow = Overflow.TRAP,
) -> Ints:
    """`quantise` on an array of floating-point numbers of at most 64 bits; exact.

    Every step is exact in float64: scaling by a power of two, the remainder modulo a power of two, rounding
    to an integer. Raises as `quantise` does, and RangeError where `q` itself does not fit int64.
    """
    _check_deterministic(rounding)
    Interval.of(q).require_int64(f"{q}")
    if x.dtype.kind != "f" or x.dtype.itemsize > 8:
        raise BadInput(f"array of dtype {x.dtype}; float64, or narrower, is needed: use .astype(np.float64)")
    if not np.isfinite(x).all():
        raise BadInput(f"{x[~np.isfinite(x)][0]} has no fixed-point value; finite numbers are needed")
    number = x.astype(np.float64)
    if (
        overflow is Overflow.WRAP
    ):  # x modulo 2^integer has the same low bits, and cannot become infinite below
        number = np.fmod(number, 2.0**q.integer)
    with np.errstate(over="ignore"):  # beyond float64 is beyond q as well
        scaled = np.ldexp(number, q.fraction)
    if rounding is Rounding.FLOOR:
        whole = np.floor(scaled)
    elif rounding is Rounding.NEAREST_EVEN:
        whole = np.rint(scaled)
    else:
        with np.errstate(invalid="ignore"):  # infinity less itself, when scaling went beyond float64
            whole = np.trunc(scaled) + np.copysign(np.abs(scaled - np.trunc(scaled)) >= 0.5, scaled)
    if overflow is Overflow.WRAP:  # now |whole| ≤ 2^width; centring it makes it an int64 without loss
        modulus = 2.0**q.width
        whole = whole - modulus * (whole >= modulus / 2) + modulus * (whole < -modulus / 2)
        return fit_array(whole.astype(np.int64), q, overflow)
    high, low = whole >= float(q.maximum + 1), whole < float(q.minimum)
    if overflow is Overflow.TRAP and (high | low).any():
        raise RangeError(_number_trap_message(float(x[high | low][0]), q))
    inside = np.where(high | low, 0.0, whole).astype(np.int64)
    return np.where(high, np.int64(q.maximum), np.where(low, np.int64(q.minimum), inside))


# ---------------------------------------------------------------- ranges, computed ahead


@dataclass(frozen=True)
class Interval:
    """All integers from `minimum` to `maximum`: the range of an intermediate result, in exact arithmetic.

    Operators take another interval or an integer, and treat the two operands as independent.
    """

    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        if self.minimum > self.maximum:
            raise RangeError(f"Interval({self.minimum}, {self.maximum}): minimum must not exceed maximum")

    @staticmethod
    def of(q: Q) -> Interval:
        """All raw integers of a format."""
        return Interval(q.minimum, q.maximum)

    @property
    def bits(self) -> int:
        """Bits of the narrowest signed integer that holds every value, sign included."""
        return 1 + max(
            (value if value >= 0 else ~value).bit_length() for value in (self.minimum, self.maximum)
        )

    def __contains__(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum

    def __neg__(self) -> Interval:
        return Interval(-self.maximum, -self.minimum)

    def __add__(self, other: Interval | int) -> Interval:
        other = _interval(other)
        return Interval(self.minimum + other.minimum, self.maximum + other.maximum)

    def __sub__(self, other: Interval | int) -> Interval:
        return self + -_interval(other)

    def __mul__(self, other: Interval | int) -> Interval:
        other = _interval(other)
        corners = [a * b for a in (self.minimum, self.maximum) for b in (other.minimum, other.maximum)]
        return Interval(min(corners), max(corners))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: int) -> Interval:
        return -self + other

    def __or__(self, other: Interval | int) -> Interval:
        """The smallest interval that holds both."""
        other = _interval(other)
        return Interval(min(self.minimum, other.minimum), max(self.maximum, other.maximum))

    def __lshift__(self, bits: int) -> Interval:
        return Interval(self.minimum << bits, self.maximum << bits)

    def __rshift__(self, bits: int) -> Interval:
        return self.shift_right(bits, Rounding.FLOOR)

    def shift_right(self, bits: int, rounding: Rounding) -> Interval:
        """Range of `shift_right(value, bits, rounding, random)` over every value and every random number."""
        most = (1 << bits) - 1
        return Interval(
            shift_right(self.minimum, bits, rounding, 0), shift_right(self.maximum, bits, rounding, most)
        )

    def require_int64(self, what: str) -> Interval:
        """This interval, if int64 holds it; raises RangeError naming the expression `what` otherwise."""
        if self.bits > 64:
            raise RangeError(
                f"{what} ranges over {self.minimum} … {self.maximum} and needs {self.bits} bits; "
                f"the engine computes in 64: use formats that are {self.bits - 64} bits narrower in all"
            )
        return self


def _interval(value: Interval | int) -> Interval:
    return value if isinstance(value, Interval) else Interval(value, value)


# ---------------------------------------------------------------- rules and their messages

_TRAP_REMEDY = "use a format with more integer bits, or let it saturate"


def _check_bits(bits: int, most: int | None = None) -> None:
    if bits < 0 or (most is not None and bits > most):
        upper = "" if most is None else f" and at most {most} on int64 arrays"
        raise RangeError(f"a right shift by {bits} bits: bits must be 0 or more{upper}")


def _check_int64(array: NDArray[Any], what: str) -> None:
    if array.dtype != np.int64:
        raise BadInput(
            f"{what} has dtype {array.dtype}; int64 is needed: use .astype(np.int64) on integers, "
            "quantise_array on real numbers"
        )


def _check_deterministic(rounding: Rounding) -> None:
    if rounding is Rounding.STOCHASTIC:
        raise BadInput("a real number cannot be quantised with stochastic rounding; nearest-even works")


def _random_rule(bits: int, random: int | None) -> str:
    given = "was not given" if random is None else f"is {random}"
    return f"stochastic rounding of {bits} bits: random {given}; it must be 0 … {(1 << bits) - 1}"


def _trap_message(value: int, q: Q) -> str:
    return f"{value} does not fit {q}: {q.minimum} … {q.maximum}; {_TRAP_REMEDY}"


def _number_trap_message(x: float | Fraction, q: Q) -> str:
    unit = Fraction(1, 1 << q.fraction)
    return f"{x} does not fit {q}: {q.minimum * unit} … {q.maximum * unit}; {_TRAP_REMEDY}"
