"""The queue of events: engine = reference = what came in, and a depth that cannot work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from spikelock.models.aer.event import Format
from spikelock.models.aer.fifo import CORE, Params, occupancy
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import fifo as engine
from spikelock.models.errors import RangeError
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

PARAMS = Params(depth=3, event=Format(4, payload_width=2))


@given(strategies.records(PARAMS.event.port()))
def test_engine_equals_reference_and_nothing_is_lost(events: Records) -> None:
    _, expected = run_reference(CORE, PARAMS, Configuration(), {"input": events})
    actual = engine.run(PARAMS, Configuration(), {"input": events})
    assert np.array_equal(expected["output"], actual["output"])
    assert np.array_equal(actual["output"], events)


@pytest.mark.parametrize(("depth", "bits"), [(3, 2), (4, 3), (256, 9)])
def test_the_occupancy_of_a_full_queue_has_a_number(depth: int, bits: int) -> None:
    assert occupancy(Params(depth=depth)).width == bits


def test_a_depth_below_three_is_refused() -> None:
    with pytest.raises(RangeError, match="depth = 2: a queue holds 3 events or more"):
        Params(depth=2)
