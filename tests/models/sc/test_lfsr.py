"""`sc.lfsr` without a simulator: published sequences, whole periods, engine against reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import factorint

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import lfsr as engine
from spikelock.models.errors import RangeError
from spikelock.models.lfsr import MAXIMAL_EXPONENTS, Kind, maximal
from spikelock.models.sc.lfsr import CORE, Params

KINDS: tuple[Kind, ...] = get_args(Kind)


def both(params: Params, seed: int, restarts: Sequence[int]) -> tuple[list[int], list[int]]:
    """The values of the reference and of the engine."""
    configuration = CORE.configuration(params, {"seed": seed})
    inputs = {"request": CORE.inputs(params)["request"].records(np.array(restarts, np.int64))}
    _, expected = run_reference(CORE, params, configuration, inputs)
    got = engine.run(params, configuration, inputs)
    return expected["output"]["value"].tolist(), got["output"]["value"].tolist()


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("fibonacci_left", [0xACE1, 0x59C3, 0xB387, 0x670F]),
        ("fibonacci_right", [0xACE1, 0x5670, 0xAB38, 0x559C]),
        ("galois", [0xACE1, 0xE270, 0x7138, 0x389C]),  # by hand: the mask is 0xB400
    ],
)
def test_published_sequences(kind: Kind, published: list[int]) -> None:
    expected, got = both(Params(16, kind, 0xACE1), 1, [0, 0, 0, 0])
    assert expected == got == published


def published_a(s: int) -> int:
    """As the Verilog of the published encoder has it: s <= {s[14:0], s[15] ^ s[13] ^ s[12] ^ s[10]}."""
    return (s << 1 & 0xFFFF) | ((s >> 15 ^ s >> 13 ^ s >> 12 ^ s >> 10) & 1)


def published_b(s: int) -> int:
    """As the published source on its own has it: s <= {s[0] ^ s[2] ^ s[3] ^ s[5], s[15:1]}."""
    return s >> 1 | ((s ^ s >> 2 ^ s >> 3 ^ s >> 5) & 1) << 15


@pytest.mark.parametrize(
    ("kind", "published"), [("fibonacci_left", published_a), ("fibonacci_right", published_b)]
)
@pytest.mark.parametrize("seed", [0xACE1, 0xBEEF, 1])
def test_published_registers_over_their_whole_period(
    kind: Kind, published: Callable[[int], int], seed: int
) -> None:
    states = [seed]
    for _ in range(65_535):
        states.append(published(states[-1]))
    got = engine.sequence(Params(16, kind, seed), 1, np.zeros(65_536, np.bool_)).tolist()
    assert got == states
    assert got[-1] == seed


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    width = data.draw(st.integers(3, 64))
    params = Params(width, data.draw(st.sampled_from(KINDS)), data.draw(st.integers(1, (1 << width) - 1)))
    seed = data.draw(st.integers(0, (1 << width) - 1))
    expected, got = both(params, seed, data.draw(st.lists(st.integers(0, 1), max_size=100)))
    assert expected == got


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", range(3, 17))
def test_every_state_but_zero_comes_once_in_a_period(width: int, kind: Kind) -> None:
    """Exhaustive; for wider registers see `test_polynomials_are_primitive`."""
    generator = maximal(width, kind)
    states = generator.states(1, generator.period + 1)
    assert states[-1] == states[0]
    assert len(np.unique(states[:-1])) == generator.period
    assert states.min() == 1


@pytest.mark.parametrize("width", MAXIMAL_EXPONENTS)
def test_polynomials_are_primitive(width: int) -> None:
    """x has the full order 2^width − 1 modulo the polynomial, so the period is that, from every seed."""
    assert is_primitive(width, MAXIMAL_EXPONENTS[width])


def test_control_other_polynomials_are_not() -> None:
    assert not is_primitive(16, (16, 14, 13, 10))
    assert not is_primitive(4, (4, 3, 2, 1))  # irreducible, but x has order 5


def test_kinds_are_different_sequences() -> None:
    sequences = [maximal(16, kind).states(0xACE1, 50).tolist() for kind in KINDS]
    assert len({tuple(sequence) for sequence in sequences}) == len(KINDS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seed": 0}, "seed = 0: a register of 16 bits starts with 1 … 65535"),
        ({"seed": 1 << 16}, "seed = 65536"),
        ({"width": 2, "seed": 1}, "an LFSR of 2 bits: .* widths 3 to 64"),
        ({"width": 65, "seed": 1}, "an LFSR of 65 bits"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)


def is_primitive(degree: int, exponents: tuple[int, ...]) -> bool:
    """Whether 1 + Σ x^e over GF(2), of that degree, has a root that generates the whole field."""
    modulus, order = 1 | sum(1 << e for e in exponents), (1 << degree) - 1

    def times(a: int, b: int) -> int:
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a, b = a << 1, b >> 1
            a ^= modulus if a >> degree else 0
        return product

    def power_of_x(exponent: int) -> int:
        result, square = 1, 2
        while exponent:
            result = times(result, square) if exponent & 1 else result
            square, exponent = times(square, square), exponent >> 1
        return result

    return power_of_x(order) == 1 and all(power_of_x(order // p) != 1 for p in factorint(order))
