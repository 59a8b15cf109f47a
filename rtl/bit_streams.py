"""What cores of bit streams share: comparison of a number with a value, and the count of ones.

Both are combinational: they return expressions, and add nothing to a module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Value


def below(number: Any, value: Any, *, bipolar: bool) -> Value:
    """One bit: whether an unsigned number is below the threshold of a value.

    The threshold of a bipolar value is 2^(width−1) more than the value. It takes no adder: to add that is the
    same as to turn the number's highest bit into a sign.
    """
    number = Value.cast(number)
    if bipolar:
        number = Cat(number[:-1], ~number[-1]).as_signed()
    return number < value


def ones(bits: Sequence[Any]) -> Any:
    """How many of the bits are ones, by a balanced tree of adders."""
    if len(bits) == 1:
        return bits[0]
    half = len(bits) // 2
    return ones(bits[:half]) + ones(bits[half:])
