"""The comparator: engine = reference for any streams, and what the first difference is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.compare import compare
from spikelock.models.core import run_reference
from spikelock.models.engine.monitor import comparator as engine
from spikelock.models.errors import RangeError
from spikelock.models.monitor.comparator import CORE, Params


@given(
    st.sampled_from([Params(), Params(1, 1), Params(64, 3), Params(5, 64)]),
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=60),
)
def test_engine_equals_reference(params: Params, pairs: list[tuple[int, bool]]) -> None:
    ports = CORE.inputs(params)
    top = (1 << params.width) - 1
    expected = [(7 * n) & top for n in range(len(pairs))]
    actual = [(value ^ (bits & top), int(says)) for value, (bits, says) in zip(expected, pairs, strict=True)]
    inputs = {
        "actual": ports["actual"].from_tuples(actual),
        "expected": ports["expected"].from_tuples((value,) for value in expected),
    }
    configuration = CORE.configuration(params)
    _, wanted = run_reference(CORE, params, configuration, inputs)
    assert compare(wanted, engine.run(params, configuration, inputs)).agrees


def test_the_first_difference_of_each_comparison_is_told_and_everything_passes() -> None:
    params = Params()
    actual = [(1, 1), (2, 1), (9, 1), (4, 1), (8, 1), (7, 0), (5, 1), (6, 1)]
    inputs = {
        "actual": CORE.inputs(params)["actual"].from_tuples(actual),
        "expected": CORE.inputs(params)["expected"].records([1, 2, 3, 4, 5, 6, 5, 7]),
    }
    _, outputs = run_reference(CORE, params, CORE.configuration(params), inputs)
    assert outputs["report"].tolist() == [(2, 3, 9), (1, 7, 6)]
    assert outputs["output"]["data"].tolist() == [1, 2, 9, 4, 8, 7, 5, 6]


@pytest.mark.parametrize("sizes", [{"width": 0}, {"width": 65}, {"index_width": 0}])
def test_sizes_that_cannot_be_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(RangeError, match="1 … 64 bits are possible"):
        Params(**sizes)
