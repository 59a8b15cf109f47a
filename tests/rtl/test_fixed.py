"""Amaranth fixed-point expressions, in Amaranth's own simulator, against the exact Python integers.

A check takes the function that makes the expressions, so that the same check is shown to reject wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from spikelock.models import fixed as exact
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Overflow, Q, Rounding, signed, unsigned
from spikelock.models.lfsr import LFSRS
from spikelock.models.ports import Layout
from spikelock.rtl.fixed import fit, layout, next_state, shape, shift_right

NARROW = [make(width) for width in (1, 2, 5) for make in (signed, unsigned)]
WIDE = [make(width) for width in (32, 63) for make in (signed, unsigned)]
RANDOM = LFSRS["fibonacci16_left"]


def names(q: Q) -> str:
    """Test identifiers that can be read."""
    return f"{'s' if q.signed else 'u'}{q.width}"


def stimuli(q: Q) -> list[int]:
    """Every value of a narrow format; those near zero, the limits and some ties of a wide one."""
    if q.width <= 5:
        return list(range(q.minimum, q.maximum + 1))
    places = {q.minimum, q.maximum, 0, q.maximum // 2, 2**15, -(2**15), 3 << 15, -3 << 15, 2**30, -(2**30)}
    return sorted({v for p in places for v in range(p - 2, p + 3) if q.minimum <= v <= q.maximum})


def simulate(
    expressions: Mapping[Any, Any], inputs: list[Signal], rows: Sequence[tuple[int, ...]]
) -> dict[Any, list[int]]:
    """Values of combinational expressions, one for each row of input values."""
    m = Module()
    outputs = {key: Signal(expression.shape()) for key, expression in expressions.items()}
    m.d.comb += [outputs[key].eq(expression) for key, expression in expressions.items()]
    results: dict[Any, list[int]] = {key: [] for key in expressions}

    async def bench(context: Any) -> None:
        for row in rows:
            for signal, value in zip(inputs, row, strict=True):
                context.set(signal, value)
            for key, output in outputs.items():
                results[key].append(context.get(output))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return results


# ---------------------------------------------------------------- shift_right


def check_shift(make: Callable[..., Any], q: Q, widths: list[int]) -> None:
    """All roundings at once, over all stimuli of `q` and some random numbers."""
    value, random = Signal(shape(q)), Signal(RANDOM.width)
    cases = [(bits, rounding) for bits in widths for rounding in Rounding]
    expressions = {
        (bits, rounding): make(value, bits, rounding, random)
        for bits, rounding in cases
        if rounding is not Rounding.STOCHASTIC or bits <= RANDOM.width
    }
    rows = [(v, r) for v in stimuli(q) for r in (0xFFFF, 0xACE1, 1)]
    for (bits, rounding), results in simulate(expressions, [value, random], rows).items():
        for (v, r), result in zip(rows, results, strict=True):
            assert result == exact.shift_right(v, bits, rounding, r % 2**bits), (bits, rounding, v, r)


@pytest.mark.parametrize("q", NARROW, ids=names)
def test_shift_right_of_every_narrow_value(q: Q) -> None:
    check_shift(shift_right, q, list(range(9)))


@pytest.mark.parametrize("q", WIDE, ids=names)
def test_shift_right_of_wide_values(q: Q) -> None:
    check_shift(shift_right, q, [1, 8, 16, 31, 32, 63, 64, 70])


def test_the_shift_check_rejects() -> None:
    def swapped(value: Any, bits: int, rounding: Rounding, random: Any) -> Any:
        swap = {Rounding.NEAREST_EVEN: Rounding.NEAREST_AWAY}
        return shift_right(value, bits, swap.get(rounding, rounding), random)

    def too_narrow(value: Any, bits: int, rounding: Rounding, random: Any) -> Any:
        return shift_right(value, bits, rounding, random)[: len(value) - bits]

    def no_random(value: Any, bits: int, rounding: Rounding, random: Any) -> Any:
        return shift_right(value, bits, rounding, Signal(RANDOM.width))

    for wrong in (swapped, too_narrow, no_random):
        with pytest.raises(AssertionError):
            check_shift(wrong, unsigned(5), [0, 1, 2, 3])


def test_shift_right_refuses() -> None:
    value = Signal(8)
    with pytest.raises(RangeError, match="0 or more"):
        shift_right(value, -1, Rounding.FLOOR)
    for random in (None, Signal(3)):
        with pytest.raises(RangeError, match="at least 4 bits"):
            shift_right(value, 4, Rounding.STOCHASTIC, random)


# ---------------------------------------------------------------- fit


def check_fit(make: Callable[..., Any], source: Q, formats: list[Q]) -> None:
    """All overflow modes and formats at once, over all stimuli of `source`."""
    value = Signal(shape(source))
    expressions: dict[Any, Any] = {}
    for q in formats:
        for overflow in Overflow:
            expressions[q, overflow, "value"], expressions[q, overflow, "overflowed"] = make(
                value, q, overflow
            )
            assert expressions[q, overflow, "value"].shape() == shape(q)
            assert len(expressions[q, overflow, "overflowed"]) == 1
    rows = [(v,) for v in stimuli(source)]
    results = simulate(expressions, [value], rows)
    for q in formats:
        for overflow in Overflow:
            model = Overflow.SATURATE if overflow is Overflow.TRAP else overflow
            expected = [exact.fit(v, q, model) for (v,) in rows]
            assert results[q, overflow, "value"] == expected, (q, overflow)
            assert results[q, overflow, "overflowed"] == [v not in exact.Interval.of(q) for (v,) in rows], q


@pytest.mark.parametrize("source", NARROW, ids=names)
def test_fit_of_every_narrow_value(source: Q) -> None:
    check_fit(fit, source, [make(width) for width in (1, 2, 3, 4, 5, 6, 9) for make in (signed, unsigned)])


@pytest.mark.parametrize("source", WIDE, ids=names)
def test_fit_of_wide_values(source: Q) -> None:
    check_fit(
        fit, source, [make(width) for width in (1, 8, 16, 31, 32, 63, 64) for make in (signed, unsigned)]
    )


def test_the_fit_check_rejects() -> None:
    def always_wraps(value: Any, q: Q, overflow: Overflow) -> Any:
        return fit(value, q, Overflow.WRAP)

    def never_tells(value: Any, q: Q, overflow: Overflow) -> Any:
        return fit(value, q, overflow)[0], Signal(1)

    def other_sign(value: Any, q: Q, overflow: Overflow) -> Any:
        return fit(value, Q(q.integer, 0, not q.signed), overflow)

    for wrong in (always_wraps, never_tells, other_sign):
        with pytest.raises(AssertionError):
            check_fit(wrong, signed(5), [signed(3), unsigned(3)])


# ---------------------------------------------------------------- declarations, LFSRs


def test_shapes_and_layouts_are_those_of_the_models() -> None:
    fields = Layout({"spike": unsigned(1), "membrane": signed(48, 8), "tag": unsigned(64), "low": signed(3)})
    made = layout(fields)
    assert list(made.members) == list(fields.fields)
    assert made.size == fields.width
    for row in ((1, -5, 2**64 - 1, -4), (0, 2**47 - 1, 1, 3)):
        words = fields.pack(fields.from_tuples([row]))[0].tolist()
        bits = made.const(dict(zip(fields.fields, row, strict=True))).as_bits()
        assert bits == sum(word << 64 * i for i, word in enumerate(words))


@pytest.mark.parametrize("name", LFSRS)
def test_next_state(name: str) -> None:
    lfsr = LFSRS[name]
    state = Signal(lfsr.width)
    expression = next_state(lfsr, state)
    assert len(expression) == lfsr.width
    walk = [lfsr.period]
    for _ in range(500):
        walk.append(lfsr.next(walk[-1]))
    assert simulate({name: expression}, [state], [(s,) for s in walk[:-1]]) == {name: walk[1:]}


def test_the_lfsrs_are_told_apart() -> None:
    left, right = LFSRS.values()
    state = Signal(16)
    results = simulate(
        {"left": next_state(left, state), "right": next_state(right, state)}, [state], [(0xACE1,)]
    )
    assert results == {"left": [0x59C3], "right": [0x5670]}
