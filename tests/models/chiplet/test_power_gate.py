"""The power gate without a simulator: engine = reference, its ports, and parameters that cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.chiplet.power_gate import CORE, Params, Role
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.chiplet import power_gate as engine
from spikelock.models.errors import BadInput
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

PARAMS = Params(Role.JOINED, (8, 3), (8, 3))
PORTS = CORE.inputs(PARAMS)


@given(st.fixed_dictionaries({name: strategies.records(port) for name, port in PORTS.items()}))
def test_engine_equals_reference_and_nothing_is_lost(inputs: Mapping[str, Records]) -> None:
    _, expected = run_reference(CORE, PARAMS, Configuration(), inputs)
    actual = engine.run(PARAMS, Configuration(), inputs)
    assert np.array_equal(expected["reports"], actual["reports"])
    for n in range(2):
        assert np.array_equal(expected[f"output{n}"], actual[f"output{n}"])
        assert np.array_equal(actual[f"output{n}"], inputs[f"input{n}"])


def test_a_word_keeps_its_width_on_both_sides() -> None:
    params = Params(inward=(8, 3), outward=(5,))
    inputs, outputs = CORE.inputs(params), CORE.outputs(params)
    assert [inputs[f"input{n}"].width for n in range(2)] == [8, 3]
    assert [outputs[f"inward{n}"].width for n in range(2)] == [8, 3]
    assert inputs["outward0"].width == outputs["output0"].width == 5


def test_after_reset_a_die_shall_be_on_at_full_rate() -> None:
    assert CORE.configuration(Params()).registers == {"on": 1, "rate": 16}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"inward": ()}, "a die without a channel"),
        ({"outward": (65,)}, "a word of 65 bits"),
        ({"inward": (16, 0)}, "a word of 0 bits"),
        ({"reset_cycles": 0}, "reset_cycles = 0: 1 … 255"),
        ({"role": Role.JOINED, "inward": (8,)}, r"outward = \(16,\): words go back, so it must be \(8,\)"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Params(**wrong)
