"""The arbiter: engine = reference, the order of both policies, and parameters that cannot work."""

from __future__ import annotations

from collections.abc import Mapping

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

PARAMS = [Params(3, policy, Format(8), together=True) for policy in Policy]
PORT = PARAMS[0].event.port()
CHANNELS = st.fixed_dictionaries({name: strategies.records(PORT) for name in CORE.inputs(PARAMS[0])})


def merged(params: Params, inputs: Mapping[str, Records]) -> Records:
    return run_reference(CORE, params, Configuration(), inputs)[1]["output"]


@pytest.mark.parametrize("params", PARAMS)
@given(CHANNELS)
def test_engine_equals_reference(params: Params, inputs: dict[str, Records]) -> None:
    size = min(map(len, inputs.values()))
    inputs = {name: records[:size] for name, records in inputs.items()}
    actual = engine.run(params, Configuration(), inputs)["output"]
    assert np.array_equal(merged(params, inputs), actual)


@pytest.mark.parametrize(("params", "order"), [(PARAMS[0], "abcdeThfgT"), (PARAMS[1], "abcdeTfghT")])
def test_order(params: Params, order: str) -> None:
    """An x comes after its input's mark, and is dropped."""
    inputs = {
        f"input{number}": PORT.from_tuples(
            (Kind.TICK if letter == "T" else Kind.SPIKE, ord(letter)) for letter in letters
        )
        for number, letters in enumerate(("acTxfT", "bdeTgT", "TxxxhT"))
    }
    assert "".join(map(chr, merged(params, inputs)["address"])) == order


def test_the_order_of_events_at_any_time_is_not_specified() -> None:
    params = Params(2)
    events = params.event.port().records([0], [1])
    with pytest.raises(BadInput, match="together=True"):
        merged(params, {"input0": events, "input1": events})


def test_parameters_that_cannot_work_are_refused() -> None:
    with pytest.raises(RangeError, match="inputs = 0: an arbiter has 1 … 32"):
        Params(inputs=0)
