"""The arbiter: engine = reference, nothing lost and no step mixed, and parameters that cannot work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.aer.arbiter import CORE, Params, Policy
from spikelock.models.aer.event import Format
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import arbiter as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

PARAMS = Params(3, event=Format(2, payload_width=2), split=True)
PORT = PARAMS.event.port()
CHANNELS = st.fixed_dictionaries({name: strategies.records(PORT) for name in CORE.inputs(PARAMS)})


def merged(inputs: dict[str, Records], params: Params = PARAMS) -> dict[str, Records]:
    return run_reference(CORE, params, Configuration(), inputs)[1]


@given(CHANNELS)
def test_engine_equals_reference(inputs: dict[str, Records]) -> None:
    expected, actual = merged(inputs), engine.run(PARAMS, Configuration(), inputs)
    for name in CORE.outputs(PARAMS):
        assert np.array_equal(expected[name], actual[name])


@pytest.mark.parametrize("policy", Policy)
@given(CHANNELS)
def test_engine_orders_as_the_reference(policy: Policy, inputs: dict[str, Records]) -> None:
    params = replace(PARAMS, policy=policy, split=False, together=True)
    size = min(map(len, inputs.values()))
    inputs = {name: records[:size] for name, records in inputs.items()}
    expected, actual = merged(inputs, params), engine.run(params, Configuration(), inputs)
    assert np.array_equal(expected["output"], actual["output"])


@pytest.mark.parametrize(
    ("policy", "order"), [(Policy.ROUND_ROBIN, "abcdgefh"), (Policy.PRIORITY, "abcdefgh")]
)
def test_order_of_events_that_come_at_once(policy: Policy, order: str) -> None:
    params = Params(3, policy, Format(8), together=True)
    inputs = {
        f"input{number}": params.event.port().from_tuples(
            (Kind.TICK if letter == " " else Kind.SPIKE, ord(letter)) for letter in letters
        )
        for number, letters in enumerate(("a e ", "bdf ", "c gh"))
    }
    assert "".join(chr(address) for address in merged(inputs, params)["output"]["address"]) == order


@given(CHANNELS)
def test_each_output_is_a_beginning_of_its_input_and_all_have_the_same_marks(
    inputs: dict[str, Records],
) -> None:
    outputs = merged(inputs)
    steps = {int(np.count_nonzero(records["kind"] == Kind.TICK)) for records in outputs.values()}
    assert steps == {min(int(np.count_nonzero(r["kind"] == Kind.TICK)) for r in inputs.values())}
    for number in range(PARAMS.inputs):
        sent = outputs[f"output{number}"]
        begins = inputs[f"input{number}"][: len(sent)].copy()
        begins[begins["kind"] == Kind.TICK] = sent[sent["kind"] == Kind.TICK]
        assert np.array_equal(sent, begins)


def test_the_order_of_several_inputs_is_not_specified() -> None:
    params = Params(2)
    events = params.event.port().records([0], [1])
    with pytest.raises(BadInput, match="split=True"):
        merged({"input0": events, "input1": events}, params)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"inputs": 0}, "inputs = 0: an arbiter has 1 … 32"),
        ({"split": True, "together": True}, "split and together"),
        ({"inputs": 5, "event": Format(4, payload_width=2), "split": True}, "payload_width = 2.*3 bits"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises((BadInput, RangeError), match=message):
        Params(**wrong)
