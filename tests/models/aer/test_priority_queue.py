"""The queue of classes: engine = reference, nothing is lost that is not counted, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.aer.event import Format
from spikelock.models.aer.priority_queue import CORE, Full, Params
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import priority_queue as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

FORMAT = Format(2, payload_width=2)
SPIKE, TICK = int(Kind.SPIKE), int(Kind.TICK)


def queue(full: Full, classes: int = 2) -> Params:
    return Params(classes, 3, full, FORMAT, count_width=3, split=True)


def queued(params: Params, events: Records, clear: int = 0) -> dict[str, Records]:
    configuration = CORE.configuration(params, {"clear": clear} if params.drops else {})
    return run_reference(CORE, params, configuration, {"input": events})[1]


@given(
    st.sampled_from(Full), st.sampled_from([2, 4]), st.integers(0, 1), strategies.records(FORMAT.port(), 60)
)
def test_engine_equals_reference(full: Full, classes: int, clear: int, events: Records) -> None:
    params = queue(full, classes)
    configuration = CORE.configuration(params, {"clear": clear} if params.drops else {})
    expected, actual = queued(params, events, clear), engine.run(params, configuration, {"input": events})
    for name, records in expected.items():
        assert np.array_equal(records, actual[name]), name


@given(strategies.records(FORMAT.port(), 60))
def test_nothing_is_lost_that_is_not_counted(events: Records) -> None:
    marks = np.flatnonzero(events["kind"] == TICK)
    sent = queued(queue(Full.DROP), events)
    left = sum(int(np.count_nonzero(sent[name]["kind"] != TICK)) for name in ("output0", "output1"))
    came = int(marks[-1]) + 1 - len(marks) if len(marks) else 0
    dropped = came - left
    assert len(sent["traps"]) == len(marks)
    if len(marks):
        latched, count = sent["traps"][-1].item()
        assert (count, latched != 0) == (min(dropped, 7), dropped > 0)


def test_the_first_events_of_a_class_are_kept_and_the_others_latched_and_counted() -> None:
    rows = [(SPIKE, n % 4, 1) for n in range(6)] + [(SPIKE, n, 0) for n in range(4)] + [(TICK, 0, 0)]
    sent = queued(queue(Full.DROP), FORMAT.port().from_tuples(rows))
    assert sent["output1"]["address"].tolist() == [0, 1, 2, 3, 0]  # depth, the one at the output, the mark
    assert sent["output0"]["address"].tolist() == [0, 1, 2, 0]
    assert sent["traps"].tolist() == [(0b11, 3)]


def test_the_order_of_the_classes_is_not_specified() -> None:
    params = Params()
    with pytest.raises(BadInput, match="split=True"):
        run_reference(CORE, params, Configuration(), {"input": params.event.port().records([0], [1], [1])})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 3}, "classes = 3: there are 2, 4 or 8"),
        ({"classes": 4}, "payload_width = 1: .* 2 bits or more"),
        ({"depth": 2}, "depth = 2: a queue holds 3 events or more"),
        ({"count_width": 33}, "count_width = 33"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises((BadInput, RangeError), match=message):
        Params(**wrong)
