"""The decoder: engine = reference, it undoes the encoder, and what it counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.aer import encoder
from spikelock.models.aer.decoder import CORE, Params
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import decoder as engine
from spikelock.models.errors import RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

SPIKE, TICK, RESTART = int(Kind.SPIKE), int(Kind.TICK), int(Kind.RESTART)


@st.composite
def params(draw: st.DrawFn) -> Params:
    neurons = draw(st.sampled_from([1, 3, 7, 64, 65]))
    base = draw(st.integers(0, 128 - neurons))
    return Params(neurons, base, Format(7, tick_width=draw(st.integers(0, 2))), draw(st.integers(1, 3)))


def decoded(params: Params, events: Records) -> Records:
    return run_reference(CORE, params, Configuration(), {"input": events})[1]["vector"]


@given(st.data(), params())
def test_engine_equals_reference(data: st.DataObject, params: Params) -> None:
    events = data.draw(strategies.records(params.event.port()))
    actual = engine.run(params, Configuration(), {"input": events})["vector"]
    assert np.array_equal(decoded(params, events), actual)


@given(st.data(), params())
def test_it_undoes_the_encoder(data: st.DataObject, params: Params) -> None:
    sender = encoder.Params(params.neurons, params.base, params.event)
    vectors = data.draw(strategies.records(encoder.CORE.inputs(sender)["vector"], max_size=8))
    _, sent = run_reference(encoder.CORE, sender, Configuration(), {"vector": vectors})
    received = decoded(params, sent["output"])
    for name in vectors.dtype.names or ():
        assert np.array_equal(received[name], vectors[name])
    assert not any(received[name].any() for name in params.counts)


def test_everything_that_is_not_in_the_vector_is_counted_once() -> None:
    params = Params(3, base=2, event=Format(4, tick_width=2), count_width=2)
    events = params.event.port().from_tuples(
        [
            (SPIKE, 3, 0),
            (SPIKE, 3, 0),  # doubled
            (SPIKE, 5, 0),  # outside
            (SPIKE, 1, 0),  # outside
            (SPIKE, 4, 1),  # late, so neuron 2 has no spike
            (RESTART, 0, 0),  # other
            (TICK, 0, 0),
            *[(SPIKE, 15, 1)] * 9,
            (TICK, 0, 0),  # late
        ]
    )
    assert decoded(params, events).tolist() == [(0b010, 1, 2, 1, 1), (0, 1, 3, 0, 0)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count_width": 0}, "count_width = 0: a count has 1 … 32 bits"),
        ({"neurons": 5000}, "neurons = 5000"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(RangeError, match=message):
        Params(**wrong)
