"""The handshake: engine = reference = what was sent, its wires, and stages that are too few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from spikelock.models.aer.event import Format
from spikelock.models.aer.handshake import CORE, Params, Role, delays
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import handshake as engine
from spikelock.models.errors import RangeError
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

PARAMS = Params(Role.JOINED, Format(4, payload_width=2))


@given(strategies.records(PARAMS.event.port()), strategies.records(delays()))
def test_engine_equals_reference_whatever_the_delays(events: Records, wires: Records) -> None:
    inputs = {"input": events, "delays": wires}
    _, expected = run_reference(CORE, PARAMS, Configuration(), inputs)
    actual = engine.run(PARAMS, Configuration(), inputs)
    assert np.array_equal(expected["output"], actual["output"])
    assert np.array_equal(actual["output"], events)


def test_what_leaves_the_sender_comes_to_the_receiver() -> None:
    sender, receiver = (Params(role, PARAMS.event) for role in (Role.SENDER, Role.RECEIVER))
    assert CORE.outputs(sender) == CORE.inputs(receiver)
    assert CORE.inputs(sender)["acknowledge"] == CORE.outputs(receiver)["acknowledge"]
    assert CORE.inputs(sender)["input"] == CORE.outputs(receiver)["output"] == PARAMS.event.port()


@pytest.mark.parametrize("stages", [1, 5])
def test_stages_that_no_synchroniser_has_are_refused(stages: int) -> None:
    with pytest.raises(RangeError, match=rf"stages = {stages}: a synchroniser has 2 … 4 flip-flops"):
        Params(stages=stages)
