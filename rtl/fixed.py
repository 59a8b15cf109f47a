"""Fixed-point arithmetic as Amaranth expressions.

Written from the definitions in `models/fixed.py` and `models/lfsr.py`, of which only declarations are used
here. All functions are combinational: they return expressions, and add nothing to a module.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Mux, Shape, Value
from amaranth.lib import data

from spikelock.models.errors import RangeError
from spikelock.models.fixed import Overflow, Q, Rounding
from spikelock.models.lfsr import LFSR
from spikelock.models.ports import Layout


def shape(q: Q) -> Shape:
    """Amaranth shape of a format's raw integer."""
    return Shape(q.width, signed=q.signed)


def layout(fields: Layout) -> data.StructLayout:
    """Amaranth layout of a record: the same fields in the same order, the first in the lowest bits."""
    return data.StructLayout({name: shape(q) for name, q in fields.fields.items()})


def shift_right(value: Any, bits: int, rounding: Rounding, random: Any = None) -> Value:
    """value / 2^bits, rounded; as signed as `value` and wide enough to be exact.

    Stochastic rounding is floor((value + random[:bits]) / 2^bits): `random` may be a whole LFSR state, of
    which the low bits are used. Raises RangeError where it is absent or has fewer than `bits` bits.
    """
    value = Value.cast(value)
    if bits < 0:
        raise RangeError(f"a right shift by {bits} bits: bits must be 0 or more")
    if rounding is Rounding.STOCHASTIC:
        if random is None or len(Value.cast(random)) < bits:
            raise RangeError(
                f"stochastic rounding of {bits} bits needs a random value of at least {bits} bits"
            )
        return (value + Value.cast(random)[:bits]) >> bits
    if rounding is Rounding.FLOOR or bits == 0:
        return value >> bits
    wide = _extend(value, bits + 1)
    half, below_half, odd = wide[bits - 1], wide[: bits - 1].any(), wide[bits]
    tie_goes_up = odd if rounding is Rounding.NEAREST_EVEN else ~_negative(value)
    return (value >> bits) + (half & (below_half | tie_goes_up))


def fit(value: Any, q: Q, overflow: Overflow) -> tuple[Value, Value]:
    """(raw integer of shape `shape(q)`, overflowed): `value` brought into format `q`.

    `overflowed` is one bit, high whenever `value` is outside the format, whatever `overflow` says. TRAP
    saturates, and means that the core must pass `overflowed` on to where it is seen.
    """
    below, above = outside(value, q)
    if overflow is Overflow.WRAP:
        return wrap(value, q), below | above
    lowest, highest = Const(q.minimum, shape(q)), Const(q.maximum, shape(q))
    return Mux(below, lowest, Mux(above, highest, wrap(value, q))), below | above


def outside(value: Any, q: Q) -> tuple[Value, Value]:
    """(below, above): whether `value` is less than all values of format `q`, or more."""
    value = Value.cast(value)
    wide = _extend(value, max(len(value), q.width) + 1)
    negative, dropped = wide[-1], wide[q.width - q.signed :]
    return negative & ~dropped.all() if q.signed else negative, ~negative & dropped.any()


def wrap(value: Any, q: Q) -> Value:
    """The low bits of `value` as a raw integer of format `q`: what it is modulo 2^width."""
    low_bits = _extend(Value.cast(value), q.width)[: q.width]
    return low_bits.as_signed() if q.signed else low_bits.as_unsigned()


def next_state(lfsr: LFSR, state: Any) -> Value:
    """State of the LFSR after `state`, `lfsr.width` bits, unsigned."""
    state = Value.cast(state)
    if lfsr.kind == "galois":
        mask = Const(sum(1 << tap for tap in lfsr.taps), lfsr.width)
        return state[1:] ^ (mask & state[0].replicate(lfsr.width))
    feedback = Cat(state[tap] for tap in lfsr.taps).xor()
    return Cat(feedback, state[:-1]) if lfsr.kind == "fibonacci_left" else Cat(state[1:], feedback)


def _negative(value: Value) -> Value:
    return value[-1] if value.shape().signed else Const(0, 1)


def _extend(value: Value, width: int) -> Value:
    """The bits of `value`, sign- or zero-extended to at least `width`."""
    return Cat(value, _negative(value).replicate(max(0, width - len(value))))
