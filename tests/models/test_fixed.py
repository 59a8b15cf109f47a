"""Fixed-point arithmetic against `fractions.Fraction`: every mode, awkward widths, scalars and arrays.

A check is a function that takes the implementation, so that the same check is shown to reject wrong ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import (
    Interval,
    Overflow,
    Q,
    Rounding,
    fit,
    fit_array,
    quantise,
    quantise_array,
    shift_right,
    shift_right_array,
    signed,
    unsigned,
)

WIDTHS = (1, 8, 16, 31, 32, 63)
DETERMINISTIC = [mode for mode in Rounding if mode is not Rounding.STOCHASTIC]
FITTING = (Overflow.SATURATE, Overflow.WRAP)
FORMATS = [make(width) for width in WIDTHS for make in (signed, unsigned)] + [signed(64)]
INT64 = Interval(-(2**63), 2**63 - 1)
HALF = Fraction(1, 2)

# Mode and width are test parameters: each case needs fewer examples, and a larger profile still scales.
few = settings(deadline=None, max_examples=settings().max_examples // 4)


def names(value: object) -> str:
    """Test identifiers that can be read."""
    return (
        f"{'s' if value.signed else 'u'}{value.width}"
        if isinstance(value, Q)
        else str(getattr(value, "value", value))
    )


# ---------------------------------------------------------------- the definitions, on fractions


def rounded(x: Fraction, rounding: Rounding) -> int:
    if rounding is Rounding.FLOOR:
        return math.floor(x)
    if rounding is Rounding.NEAREST_EVEN:
        return round(x)
    return math.floor(x + HALF) if x > 0 else math.ceil(x - HALF)


def shifted(value: int, bits: int, rounding: Rounding, random: int) -> int:
    if rounding is Rounding.STOCHASTIC:
        return math.floor(Fraction(value, 2**bits) + Fraction(random, 2**bits))
    return rounded(Fraction(value, 2**bits), rounding)


def fitted(value: int, q: Q, overflow: Overflow) -> int:
    """Saturating gives the nearest member of the format, wrapping the one that differs by a multiple."""
    if overflow is Overflow.SATURATE:
        return sorted((q.minimum, value, q.maximum))[1]
    turns = math.floor(Fraction(value - q.minimum, 2**q.width))
    return value - (turns << q.width)


# ---------------------------------------------------------------- stimuli that look for trouble


def near(*values: int) -> list[int]:
    return sorted({value + step for value in values for step in (-2, -1, 0, 1, 2)})


def corners(limits: Interval, bits: int = 0) -> list[int]:
    """Values within limits, near zero, near the limits, and near ties of a shift by `bits`."""
    unit, half = 1 << bits, (1 << bits) >> 1
    ties = [sign * (multiple * unit + half) for multiple in (0, 1, 2, 3) for sign in (1, -1)]
    edges = [limits.minimum, limits.maximum, limits.minimum + half, limits.maximum - half]
    return [value for value in near(0, unit, -unit, *ties, *edges) if value in limits]


def integers(limits: Interval, bits: int = 0) -> st.SearchStrategy[list[int]]:
    one = st.sampled_from(corners(limits, bits)) | st.integers(limits.minimum, limits.maximum)
    return st.lists(one, min_size=1, max_size=8)


def randoms(bits: int, count: int) -> list[int]:
    """0, the largest, and numbers in between, in turn."""
    return [(0, (1 << bits) - 1, (1 << bits) // 3)[i % 3] for i in range(count)]


# ---------------------------------------------------------------- shift_right

Shift = Callable[[int, int, Rounding, int], int]


def check_shift(shift: Shift, values: list[int], bits: int, rounding: Rounding, random: list[int]) -> None:
    for value, number in zip(values, random, strict=True):
        assert shift(value, bits, rounding, number) == shifted(value, bits, rounding, number), (value, number)


def by_array(value: int, bits: int, rounding: Rounding, random: int) -> int:
    return int(shift_right_array(np.array([value]), bits, rounding, np.array([random]))[0])


@pytest.mark.parametrize("bits", [0, *WIDTHS], ids=names)
@pytest.mark.parametrize("rounding", Rounding, ids=names)
@few
@given(st.data())
def test_shift_right(rounding: Rounding, bits: int, data: st.DataObject) -> None:
    values = data.draw(integers(INT64, bits))
    random = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=len(values), max_size=len(values)))
    check_shift(shift_right, values, bits, rounding, random)
    expected = [shifted(value, bits, rounding, number) for value, number in zip(values, random, strict=True)]
    assert shift_right_array(np.array(values), bits, rounding, np.array(random)).tolist() == expected


@pytest.mark.parametrize("bits", [0, *WIDTHS], ids=names)
@pytest.mark.parametrize("rounding", Rounding, ids=names)
def test_shift_right_at_every_corner(rounding: Rounding, bits: int) -> None:
    values = [value for value in corners(INT64, bits) for _ in range(3)]
    for shift in (shift_right, by_array):
        check_shift(shift, values, bits, rounding, randoms(bits, len(values)))


@given(st.integers(), st.integers(0, 200), st.sampled_from(DETERMINISTIC))
def test_shift_right_of_integers_wider_than_any_machine(value: int, bits: int, rounding: Rounding) -> None:
    value <<= 100
    assert shift_right(value + 1, bits, rounding) == shifted(value + 1, bits, rounding, 0)


def test_ties() -> None:
    halves = [-5, -3, -1, 1, 3, 5]
    expected = {
        Rounding.FLOOR: [-3, -2, -1, 0, 1, 2],
        Rounding.NEAREST_EVEN: [-2, -2, 0, 0, 2, 2],
        Rounding.NEAREST_AWAY: [-3, -2, -1, 1, 2, 3],
    }
    for rounding, result in expected.items():
        assert [shift_right(value, 1, rounding) for value in halves] == result
        assert shift_right_array(np.array(halves), 1, rounding).tolist() == result


def test_stochastic_rounding_goes_up_as_often_as_the_part_dropped() -> None:
    for value in range(-32, 32):
        results = shift_right_array(np.full(16, value), 4, Rounding.STOCHASTIC, np.arange(16))
        assert results.sum() == value  # the mean over all random numbers is exact
        assert results.tolist() == [shift_right(value, 4, Rounding.STOCHASTIC, r) for r in range(16)]


WRONG_SHIFTS: dict[str, tuple[Rounding, Shift]] = {
    "towards zero": (Rounding.FLOOR, lambda v, b, *_: int(Fraction(v, 2**b))),
    "ties up": (Rounding.NEAREST_EVEN, lambda v, b, *_: (v + (1 << b >> 1)) >> b),
    "ties away instead of even": (
        Rounding.NEAREST_EVEN,
        lambda v, b, *_: shift_right(v, b, Rounding.NEAREST_AWAY),
    ),
    "ties up instead of away": (Rounding.NEAREST_AWAY, lambda v, b, *_: (v + (1 << b >> 1)) >> b),
    "half added in int64": (Rounding.NEAREST_AWAY, lambda v, b, *_: _wrapping_add(v, 1 << b >> 1) >> b),
    "random number ignored": (Rounding.STOCHASTIC, lambda v, b, *_: v >> b),
    "random number one too large": (Rounding.STOCHASTIC, lambda v, b, _, r: (v + r + 1) >> b),
}


def _wrapping_add(a: int, b: int) -> int:
    return (a + b + 2**63) % 2**64 - 2**63


@pytest.mark.parametrize("mistake", WRONG_SHIFTS)
def test_the_shift_check_rejects(mistake: str) -> None:
    rounding, wrong = WRONG_SHIFTS[mistake]
    values = [value for value in corners(INT64, 8) for _ in range(3)]
    with pytest.raises(AssertionError):
        check_shift(wrong, values, 8, rounding, randoms(8, len(values)))


def test_shift_right_refuses() -> None:
    one = np.array([1])
    for bits in (-1, -64):
        with pytest.raises(RangeError, match="0 or more"):
            shift_right(1, bits, Rounding.FLOOR)
        with pytest.raises(RangeError, match="at most 63"):
            shift_right_array(one, bits, Rounding.FLOOR)
    with pytest.raises(RangeError, match="at most 63"):
        shift_right_array(one, 64, Rounding.FLOOR)
    for random, complaint in ((None, "was not given"), (-1, "is -1"), (16, "is 16")):
        rule = f"random {complaint}; it must be 0 … 15"
        with pytest.raises(RangeError, match=rule):
            shift_right(1, 4, Rounding.STOCHASTIC, random)
        with pytest.raises(RangeError, match=rule):
            shift_right_array(one, 4, Rounding.STOCHASTIC, None if random is None else np.array([0, random]))
    for dtype in (np.int32, np.uint64, np.float64):
        wrong: Any = one.astype(dtype)
        with pytest.raises(BadInput, match="int64 is needed"):
            shift_right_array(wrong, 1, Rounding.FLOOR)


def test_arrays_keep_their_shape_and_their_input() -> None:
    value = np.arange(-12, 12).reshape(2, 3, 4)
    before = value.copy()
    for rounding in Rounding:
        assert shift_right_array(value, 2, rounding, np.zeros((3, 1), np.int64)).shape == value.shape
        assert shift_right_array(value[:0], 2, rounding, np.zeros((3, 1), np.int64)).shape == (0, 3, 4)
    for overflow in Overflow:
        result = fit_array(value, signed(8), overflow)
        result += 1
    assert (value == before).all()


# ---------------------------------------------------------------- fit

Fit = Callable[[int, Q, Overflow], int]


def check_fit(implementation: Fit, values: list[int], q: Q, overflow: Overflow) -> None:
    for value in values:
        assert implementation(value, q, overflow) == fitted(value, q, overflow), value


def fit_by_array(value: int, q: Q, overflow: Overflow) -> int:
    return int(fit_array(np.array([value]), q, overflow)[0])


def fit_stimuli(q: Q) -> list[int]:
    turns = [turn << q.width for turn in (-2, -1, 1, 2)]
    wanted = near(
        0, q.minimum, q.maximum, *turns, *(q.maximum + t for t in turns), INT64.minimum, INT64.maximum
    )
    return [value for value in wanted if value in INT64]


@pytest.mark.parametrize("q", FORMATS, ids=names)
@pytest.mark.parametrize("overflow", FITTING, ids=names)
@few
@given(st.data())
def test_fit(overflow: Overflow, q: Q, data: st.DataObject) -> None:
    one = st.sampled_from(fit_stimuli(q)) | st.integers(INT64.minimum, INT64.maximum)
    values = data.draw(st.lists(one, min_size=1, max_size=8))
    check_fit(fit, values, q, overflow)
    assert fit_array(np.array(values), q, overflow).tolist() == [fitted(v, q, overflow) for v in values]


@pytest.mark.parametrize("q", FORMATS, ids=names)
@pytest.mark.parametrize("overflow", FITTING, ids=names)
def test_fit_at_every_corner(overflow: Overflow, q: Q) -> None:
    check_fit(fit, fit_stimuli(q), q, overflow)
    check_fit(fit_by_array, fit_stimuli(q), q, overflow)


@given(st.integers(), st.integers(1, 200), st.booleans(), st.sampled_from(FITTING))
def test_fit_of_integers_wider_than_any_machine(
    value: int, width: int, is_signed: bool, overflow: Overflow
) -> None:
    q = Q(width, 0, is_signed)
    assert fit(value << 90, q, overflow) == fitted(value << 90, q, overflow)


WRONG_FITS: dict[str, tuple[Overflow, Fit]] = {
    "wraps": (Overflow.SATURATE, lambda v, q, _: fit(v, q, Overflow.WRAP)),
    "symmetric": (Overflow.SATURATE, lambda v, q, _: max(-q.maximum, min(q.maximum, v))),
    "one too high": (Overflow.SATURATE, lambda v, q, _: max(q.minimum, min(q.maximum + 1, v))),
    "saturates": (Overflow.WRAP, lambda v, q, _: fit(v, q, Overflow.SATURATE)),
    "no sign": (Overflow.WRAP, lambda v, q, _: v % 2**q.width),
}


@pytest.mark.parametrize("mistake", WRONG_FITS)
def test_the_fit_check_rejects(mistake: str) -> None:
    overflow, wrong = WRONG_FITS[mistake]
    with pytest.raises(AssertionError):
        check_fit(wrong, fit_stimuli(signed(8)), signed(8), overflow)


@pytest.mark.parametrize("q", FORMATS, ids=names)
def test_trap_raises_exactly_where_a_value_does_not_fit(q: Q) -> None:
    for value in fit_stimuli(q):
        if q.minimum <= value <= q.maximum:
            assert fit(value, q, Overflow.TRAP) == fit_by_array(value, q, Overflow.TRAP) == value
            continue
        for implementation in (fit, fit_by_array):
            with pytest.raises(RangeError, match=f"^{value} does not fit"):
                implementation(value, q, Overflow.TRAP)


def test_fit_array_refuses_formats_beyond_int64() -> None:
    for q in (unsigned(64), signed(65), unsigned(200)):
        for overflow in Overflow:
            with pytest.raises(RangeError, match="the engine computes in 64"):
                fit_array(np.array([1]), q, overflow)
    with pytest.raises(BadInput, match="int64 is needed"):
        fit_array(np.array([1.0]), signed(8), Overflow.WRAP)


# ---------------------------------------------------------------- quantise


def fractional_formats() -> list[Q]:
    splits = {(width, fraction) for width in WIDTHS for fraction in (0, 1, width // 2, width)}
    formats = [Q(width - fraction, fraction, s) for width, fraction in sorted(splits) for s in (True, False)]
    return [*formats, signed(64), signed(64, 32), signed(64, 64)]


def numbers(q: Q) -> st.SearchStrategy[float]:
    """Floats of every size; near the limits and the ties of a format."""
    unit = 2.0**-q.fraction
    steps = st.integers(-(2**20), 2**20).map(lambda n: n * unit / 4)
    limits = st.sampled_from([float(q.minimum), float(q.maximum), 2.0**q.width]).flatmap(
        lambda edge: st.integers(-8, 8).map(lambda n: (edge + n / 4) * unit)
    )
    return steps | limits | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("q", fractional_formats(), ids=lambda q: f"{names(q)}.{q.fraction}")
@few
@given(st.data())
def test_quantise(q: Q, data: st.DataObject) -> None:
    rounding, overflow = data.draw(st.sampled_from(DETERMINISTIC)), data.draw(st.sampled_from(FITTING))
    x = data.draw(st.lists(numbers(q), min_size=1, max_size=8))
    expected = [fitted(rounded(Fraction(number) * 2**q.fraction, rounding), q, overflow) for number in x]
    assert [quantise(number, q, rounding, overflow) for number in x] == expected
    assert [quantise(Fraction(number), q, rounding, overflow) for number in x] == expected
    assert quantise_array(np.array(x), q, rounding, overflow).tolist() == expected


@pytest.mark.parametrize("overflow", Overflow, ids=names)
def test_quantise_extremes(overflow: Overflow) -> None:
    x = [0.0, -0.0, 5e-324, -5e-324, 0.49999999999999994, 1e308, -1e308, 2.0**63, -(2.0**63), 2.0**53 + 2]
    for q in fractional_formats():
        for number in x:
            expected: Any = rounded(Fraction(number) * 2**q.fraction, Rounding.NEAREST_AWAY)
            if overflow is not Overflow.TRAP:
                expected = fitted(expected, q, overflow)
            elif not q.minimum <= expected <= q.maximum:
                expected = RangeError
            for implementation in (quantise, quantise_by_array):
                assert outcome(implementation, number, q, overflow) == expected, (number, q)


def quantise_by_array(x: float, q: Q, rounding: Rounding, overflow: Overflow) -> int:
    return int(quantise_array(np.array([x]), q, rounding, overflow)[0])


def outcome(implementation: Callable[..., int], x: float, q: Q, overflow: Overflow) -> Any:
    try:
        return implementation(x, q, Rounding.NEAREST_AWAY, overflow)
    except RangeError:
        return RangeError


def test_quantise_traps_in_numbers_unless_told_otherwise() -> None:
    assert quantise(-0.25, signed(8, 4)) == -4
    for implementation in (quantise, quantise_by_array):
        with pytest.raises(RangeError, match=r"^8\.0 does not fit .*: -8 … 127/16; use a format with more"):
            implementation(8.0, signed(8, 4), Rounding.FLOOR, Overflow.TRAP)
    with pytest.raises(RangeError, match=r"^1e\+308 does not fit"):
        quantise_array(np.array([1.0, 1e308]), signed(63, 32))


def test_quantise_refuses() -> None:
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(BadInput, match="finite"):
            quantise(number, signed(8), overflow=Overflow.SATURATE)
        with pytest.raises(BadInput, match="finite"):
            quantise_array(np.array([0.0, number]), signed(8), overflow=Overflow.SATURATE)
    for implementation in (quantise, quantise_by_array):
        with pytest.raises(BadInput, match="nearest-even works"):
            implementation(0.5, signed(8), Rounding.STOCHASTIC, Overflow.WRAP)
    with pytest.raises(BadInput, match="dtype int64"):
        quantise_array(np.array([1]), signed(8))
    if np.dtype(np.longdouble).itemsize > 8:
        with pytest.raises(BadInput, match="float64, or narrower, is needed"):
            quantise_array(np.array([0.5], np.longdouble), signed(8))
    with pytest.raises(RangeError, match="the engine computes in 64"):
        quantise_array(np.array([1.0]), unsigned(64))


def test_quantise_takes_float32() -> None:
    x = np.array([0.1, -0.7, 1.5], np.float32)
    assert quantise_array(x, signed(16, 8)).tolist() == [
        quantise(float(number), signed(16, 8)) for number in x
    ]


# ---------------------------------------------------------------- intervals

small = st.integers(-6, 6)
intervals = st.tuples(small, small).map(lambda ends: Interval(min(ends), max(ends)))


def hull(values: list[int]) -> Interval:
    return Interval(min(values), max(values))


@few
@given(intervals, intervals, st.integers(0, 4))
def test_intervals_are_the_exact_ranges(a: Interval, b: Interval, bits: int) -> None:
    left, right = range(a.minimum, a.maximum + 1), range(b.minimum, b.maximum + 1)
    assert a + b == hull([x + y for x in left for y in right])
    assert a - b == hull([x - y for x in left for y in right])
    assert a * b == hull([x * y for x in left for y in right])
    assert a | b == hull([*left, *right])
    assert -a == hull([-x for x in left])
    assert a << bits == hull([x << bits for x in left])
    assert a >> bits == hull([x >> bits for x in left])
    for rounding in Rounding:
        results = [shifted(x, bits, rounding, r) for x in left for r in range(2**bits)]
        assert a.shift_right(bits, rounding) == hull(results)


@given(intervals, small)
def test_intervals_take_integers_on_either_side(a: Interval, n: int) -> None:
    point = Interval(n, n)
    assert (a + n, a - n, a * n, a | n) == (a + point, a - point, a * point, a | point)
    assert (n + a, n - a, n * a) == (point + a, point - a, point * a)
    assert (n in a) == (a.minimum <= n <= a.maximum)


@given(st.integers(), st.integers())
def test_interval_bits_is_the_narrowest_signed_format(a: int, b: int) -> None:
    interval = Interval(min(a, b), max(a, b))
    assert interval.minimum in Interval.of(signed(interval.bits))
    assert interval.maximum in Interval.of(signed(interval.bits))
    if interval.bits > 1:
        narrower = Interval.of(signed(interval.bits - 1))
        assert interval.minimum not in narrower or interval.maximum not in narrower


def test_int64_is_required_where_it_must_hold() -> None:
    assert INT64.require_int64("v") == INT64
    product = Interval.of(signed(32)) * Interval.of(signed(32))
    assert (product + Interval.of(signed(32))).require_int64("w · x + b").bits == 64
    for beyond in (INT64 + 1, INT64 - 1, Interval.of(unsigned(64)), product * 2):
        with pytest.raises(
            RangeError, match=r"^weight · input ranges over .* needs 65 bits; .* 1 bits narrower"
        ):
            beyond.require_int64("weight · input")
    with pytest.raises(RangeError, match="minimum must not exceed"):
        Interval(1, 0)


# ---------------------------------------------------------------- formats


def test_formats() -> None:
    assert (signed(16, 8).minimum, signed(16, 8).maximum, signed(16, 8)) == (-32768, 32767, Q(8, 8))
    assert (unsigned(32, 32).minimum, unsigned(32, 32).maximum) == (0, 2**32 - 1)
    assert (signed(1).minimum, signed(1).maximum, unsigned(1).maximum) == (-1, 0, 1)
    assert (signed(8), unsigned(8)) == (Q(8), Q(8, signed=False)) == (Q(8, 0, True), Q(8, 0, False))
    for wrong in ((0, 0), (-1, 4), (4, -1)):
        with pytest.raises(RangeError, match="add up to at least 1 bit"):
            Q(*wrong)


def test_modes_are_named() -> None:
    assert [mode.value for mode in Rounding] == ["floor", "nearest-even", "nearest-away", "stochastic"]
    assert [mode.value for mode in Overflow] == ["saturate", "wrap", "trap"]
