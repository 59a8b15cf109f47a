"""`sc.gate` without a simulator: engine against reference, and what the gates compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.sc import gate as engine
from spikelock.models.errors import RangeError
from spikelock.models.sc.gate import CORE, Gate, Params


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    params = Params(data.draw(st.sampled_from(Gate)), data.draw(st.integers(1, 63)))
    word = st.integers(0, (1 << params.lanes) - 1)
    rows = data.draw(st.lists(st.tuples(*[word] * len(params.operands)), max_size=30))
    inputs = {"input": CORE.inputs(params)["input"].from_tuples(rows)}
    configuration = CORE.configuration(params)
    _, expected = run_reference(CORE, params, configuration, inputs)
    assert np.array_equal(engine.run(params, configuration, inputs)["output"], expected["output"])


@pytest.mark.parametrize(
    ("gate", "wanted"),
    [
        (Gate.NOT, 0.4),
        (Gate.AND, 0.6 * 0.3),
        (Gate.XNOR, (1 + 0.2 * -0.4) / 2),
        (Gate.OR, 0.6 + 0.3 - 0.6 * 0.3),
        (Gate.MUX, 0.25 * 0.6 + 0.75 * 0.3),
    ],
)
def test_independent_streams_compute_what_the_page_says(gate: Gate, wanted: float) -> None:
    random = np.random.default_rng(7)
    streams = [(random.random(100_000) < p).astype(np.int64) for p in (0.6, 0.3, 0.25)]
    ones = engine.combine(gate, *streams[: len(Params(gate).operands)]) & 1
    assert ones.mean() == pytest.approx(wanted, abs=0.01)


def test_correlated_streams_subtract() -> None:
    numbers = np.random.default_rng(7).random(100_000)
    a, b = ((numbers < p).astype(np.int64) for p in (0.6, 0.3))
    assert engine.combine(Gate.XOR, a, b).mean() == pytest.approx(0.3, abs=0.01)


def test_impossible_parameters_are_refused() -> None:
    for lanes in (0, 64):
        with pytest.raises(RangeError, match=f"lanes = {lanes}: 1 … 63 are possible"):
            Params(lanes=lanes)
