"""`sc.dot_product` without a simulator: engine against reference, and the published current."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.sc import dot_product as engine
from spikelock.models.errors import SpikelockError
from spikelock.models.sc.dense import Product
from spikelock.models.sc.dot_product import CORE, Division, Params, divide
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.settings import random_settings


def both(params: Params, configuration: Configuration, inputs: Any) -> tuple[list[int], list[int]]:
    """Currents of the reference and of the engine."""
    _, expected = run_reference(CORE, params, configuration, {"input": inputs})
    got = engine.run(params, configuration, {"input": inputs})
    return expected["output"]["current"].tolist(), got["output"]["current"].tolist()


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    width = data.draw(st.integers(5, 40))
    params = Params(
        data.draw(st.integers(1, min(20, ((1 << width) - 1) // 2))),  # each has seeds for two registers
        data.draw(st.sampled_from(Product)),
        width,
        data.draw(st.integers(1, 12)),
        data.draw(st.integers(2, 30)),
        data.draw(st.sampled_from(Division)),
        data.draw(st.sampled_from(["fibonacci_left", "fibonacci_right", "galois"])),
    )
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    configuration = CORE.configuration(params, random_settings(CORE.registers(params), random))
    given = random_records(CORE.inputs(params)["input"], data.draw(st.integers(0, 60)), random)
    given["last"] &= random.integers(0, 2, len(given))
    given["restart"] &= random.integers(0, 2, len(given))
    expected, got = both(params, configuration, given)
    assert expected == got


@pytest.mark.parametrize(("y_min", "y_max"), [(0, 1000), (-300, 45), (1000, 0), (45, -300)])
def test_the_current_of_unsigned_products(y_min: int, y_max: int) -> None:
    """y_min + trunc((y_max − y_min)·count/N), over ranges that rise and that fall."""
    params = Params(2, length=100)
    configuration = CORE.configuration(
        params, {"y_min": y_min, "y_max": y_max, "weight_0": 30000, "weight_1": 65536}
    )
    bits = np.random.default_rng(1).integers(0, 4, 100)
    last = np.arange(100) == 99
    inputs = CORE.inputs(params)["input"].records(bits, last.astype(int), np.zeros(100, int))
    state, count = 0xBEEF, 0
    for pair in bits.tolist():
        count += (pair & 1 and state < 30000) + (pair >> 1)
        feedback = (state >> 15 ^ state >> 13 ^ state >> 12 ^ state >> 10) & 1
        state = (state << 1 | feedback) & 0xFFFF
    wanted = y_min + int((y_max - y_min) * count / 100)
    assert both(params, configuration, inputs) == ([wanted], [wanted])


def test_a_synapse() -> None:
    params = Params(1, width=8, length=1, current_width=2, seeds=(77,))
    configuration = CORE.configuration(params, {"weight_0": 100, "negative": 1})
    inputs = CORE.inputs(params)["input"].records([1] * 6 + [0], [1] * 7, [0] * 7)
    numbers = params.generator.states(77, 6).tolist()
    wanted = [-int(number < 100) for number in numbers] + [0]
    assert both(params, configuration, inputs) == (wanted, wanted)


def test_division() -> None:
    values = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]
    assert [divide(v, 2, Division.TRUNCATE) for v in values] == [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2]
    assert [divide(v, 2, Division.NEAREST) for v in values] == [-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3]
    assert [divide(v, 3, Division.NEAREST) for v in values] == [-2, -1, -1, -1, 0, 0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"inputs": 63}, "inputs = 63: 1 … 62 are possible; sc.dense has any number"),
        ({"width": 63}, "width = 63"),
        ({"length": 0}, "length = 0: 1 … 16777216"),
        ({"current_width": 1}, "current_width = 1: 2 … 30"),
        ({"width": 3}, "4 inputs and 1 neurons need 8 different seeds"),
        ({"inputs": 2, "seeds": (5, 5)}, "seed 5 occurs twice"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(SpikelockError, match=says):
        Params(**arguments)
