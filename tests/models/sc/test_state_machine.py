"""`sc.state_machine` without a simulator: engine against reference, and the functions of Brown and Card."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import state_machine as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.state_machine import CORE, Function, Params


def output(params: Params, bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The engine's stream."""
    inputs = {"input": CORE.inputs(params)["input"].records(bits)}
    stream: NDArray[np.int64] = engine.run(params, CORE.configuration(params), inputs)["output"]["bit"]
    return stream


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    states = 2 * data.draw(st.integers(1, 20))
    params = Params(data.draw(st.sampled_from(Function)), states, data.draw(st.integers(1, states - 1)))
    bits = np.array(data.draw(st.lists(st.integers(0, 1), max_size=150)), np.int64)
    inputs = {"input": CORE.inputs(params)["input"].records(bits)}
    _, expected = run_reference(CORE, params, CORE.configuration(params), inputs)
    assert output(params, bits).tolist() == expected["output"]["bit"].tolist()


def test_many_streams_at_once() -> None:
    bits = np.random.default_rng(3).integers(0, 2, (3, 4, 50))
    together = engine.states(Params(states=6), bits)
    assert together.shape == bits.shape
    assert together[2, 1].tolist() == engine.states(Params(states=6), bits[2, 1]).tolist()


@pytest.mark.parametrize("x", [-0.6, -0.1, 0.0, 0.2, 0.5])
def test_tanh(x: float) -> None:
    stream = output(Params(states=8), bipolar_stream(x))
    assert 2 * stream.mean() - 1 == pytest.approx(math.tanh(4 * x), abs=0.05)


@pytest.mark.parametrize("x", [0.1, 0.2, 0.4])
def test_exponential(x: float) -> None:
    stream = output(Params(Function.EXPONENTIAL, 32, 2), bipolar_stream(x))
    assert stream.mean() == pytest.approx(math.exp(-4 * x), abs=0.05)


def bipolar_stream(x: float) -> NDArray[np.int64]:
    """Independent bits."""
    return (np.random.default_rng(11).random(100_000) < (x + 1) / 2).astype(np.int64)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"states": 7}, "states = 7: an even number, 2 … 65536"),
        ({"states": 0}, "states = 0"),
        ({"states": 4, "gain": 4}, "gain = 4: 1 … 3, less than there are states"),
        ({"gain": 0}, "gain = 0"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(RangeError, match=says):
        Params(**arguments)
