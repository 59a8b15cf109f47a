"""The scrambler without a simulator: engine against reference, its stream, and what the far end undoes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.chiplet.scrambler import CORE, DEGREE, Params, following
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.chiplet import scrambler as engine
from spikelock.models.errors import BadInput
from spikelock.testbenches import strategies

PORT = CORE.inputs(Params())["input"]


@settings(deadline=None, max_examples=50)
@given(st.data(), st.sampled_from([1, 3, 8, 32, 64]))
def test_engine_equals_reference(data: st.DataObject, width: int) -> None:
    params = Params(width)
    beats = data.draw(strategies.records(CORE.inputs(params)["input"]))
    _, expected = run_reference(CORE, params, Configuration(), {"input": beats})
    assert np.array_equal(engine.run(params, Configuration(), {"input": beats})["output"], expected["output"])


def test_the_stream_repeats_after_all_its_states() -> None:
    """So the polynomial is primitive. The factors of 65,535 are 3, 5, 17 and 257."""
    ones = (1,) * DEGREE
    stream = [*ones, *following(ones, 2**16 - 1)]
    starts = [n for n in range(len(stream) - DEGREE + 1) if stream[n : n + DEGREE] == list(ones)]
    assert starts == [0, 65_535]


def test_the_far_end_undoes_it_after_a_seed() -> None:
    lost = PORT.records([1, 2, 3], [0, 0, 0], [0, 0, 0], [1, 1, 0])
    seed = PORT.records([0, 0], [1, 1], [0, 0], [0, 0])
    frame = PORT.records([10, 20, 30], [0, 0, 0], [0, 4, 0], [0, 0, 0])
    _, out = run_reference(CORE, Params(), Configuration(), {"input": np.concatenate([lost, seed, frame])})
    assert out["output"]["data"].tolist()[3:] == [0, 0, 10, 20 ^ 4, 30]
    assert out["output"]["data"][2] != 3, "two beats were lost, and nothing has told the far end"


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(BadInput, match="width = 0: a beat has 1 … 64 bits"):
        Params(0)
