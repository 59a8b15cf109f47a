"""The encoder: engine = reference, all simultaneous spikes come out, and parameters that cannot work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.aer.encoder import CORE, Params
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import encoder as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.testbenches import strategies


@st.composite
def params(draw: st.DrawFn) -> Params:
    neurons = draw(st.sampled_from([1, 2, 7, 63, 64, 65, 130]))
    bits = draw(st.integers(8, 12))
    base = draw(st.integers(0, (1 << bits) - neurons))
    return Params(neurons, base, Format(bits, tick_width=draw(st.integers(0, 3))))


@given(st.data(), params())
def test_engine_equals_reference(data: st.DataObject, params: Params) -> None:
    inputs = {"vector": data.draw(strategies.records(CORE.inputs(params)["vector"], max_size=8))}
    _, expected = run_reference(CORE, params, Configuration(), inputs)
    assert np.array_equal(expected["output"], engine.run(params, Configuration(), inputs)["output"])


def test_all_simultaneous_spikes_come_out_in_the_order_of_addresses() -> None:
    params = Params(67, base=30, event=Format(7))
    vector = CORE.inputs(params)["vector"].from_tuples([(1 << 63 | 1, 0b101), (0, 0)])
    events = engine.run(params, Configuration(), {"vector": vector})["output"]
    assert events["kind"].tolist() == [*[Kind.SPIKE] * 4, Kind.TICK, Kind.TICK]
    assert events["address"].tolist() == [30, 93, 94, 96, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"neurons": 0}, "neurons = 0: a spike vector has 1 … 4096 bits"),
        ({"base": 250}, "base = 250: .* it must be 0 … 240"),
        ({"event": Format(8, payload_width=1)}, "payload_width = 1"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises((BadInput, RangeError), match=message):
        Params(**wrong)
