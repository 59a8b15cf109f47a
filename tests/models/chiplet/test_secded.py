"""SECDED without a simulator: engine against reference, and all single and double errors of some words."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.chiplet.secded import CORE, Params, decode, encode
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.chiplet import secded as engine
from spikelock.models.errors import BadInput
from spikelock.testbenches import strategies


@settings(deadline=None, max_examples=50)
@given(st.data(), st.sampled_from([1, 4, 8, 33, 64]))
def test_engine_equals_reference(data: st.DataObject, width: int) -> None:
    params = Params(width)
    words = data.draw(strategies.records(CORE.inputs(params)["input"]))
    _, expected = run_reference(CORE, params, Configuration(), {"input": words})
    assert np.array_equal(engine.run(params, Configuration(), {"input": words})["output"], expected["output"])


@pytest.mark.parametrize(("width", "bits"), [(1, 3), (4, 4), (8, 5), (16, 6), (32, 7), (64, 8)])
def test_as_many_check_bits_as_published(width: int, bits: int) -> None:
    """(22, 16), (39, 32) and (72, 64) are the codes in common use."""
    assert Params(width).check_bits == bits


@pytest.mark.parametrize("width", [1, 8, 16])
def test_every_error_of_one_and_two_bits(width: int) -> None:
    params = Params(width)
    word = 0xA5C3 & (1 << width) - 1
    sent = word | encode(params, word) << width
    bits = width + params.check_bits

    def came(*places: int) -> tuple[int, int, int]:
        wrong = sent ^ sum(1 << place for place in places)
        return decode(params, wrong & (1 << width) - 1, wrong >> width)

    assert came() == (word, 0, 0)
    assert {came(place) for place in range(bits)} == {(word, 1, 0)}
    assert {came(*two)[1:] for two in combinations(range(bits), 2)} == {(0, 1)}


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(BadInput, match="width = 65: a word has 1 … 64 bits"):
        Params(65)
