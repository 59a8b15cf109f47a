"""The node: engine = reference; when its tile takes part, restarts, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.fabric import node as engine
from spikelock.models.errors import RangeError
from spikelock.models.fabric import tile
from spikelock.models.fabric.node import CORE, Params
from spikelock.models.fabric.tile import Kind
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.testbenches import strategies
from spikelock.testbenches.fabric.events import random_connections

PARAMS = Params(
    tile.Params(lif.Params(threshold=60, constants=True), neurons=3, axons=5, synapses=15),
    key_width=4,
    payload_width=2,
    number=2,
)


def configuration(step: int = 0, steps: int = 1, base: int = 9, params: Params = PARAMS) -> Configuration:
    registers = {"step": step, "steps": steps, "base": base}
    return CORE.configuration(params, registers, random_connections(params.tile, 3, 0.9, 10, 60))


def sent(events: Records, configuration: Configuration) -> Records:
    return run_reference(CORE, PARAMS, configuration, {"input": events})[1]["output"]


def channel(*events: tuple[Kind, int]) -> Records:
    return PARAMS.event.port().from_tuples((*event, 0) for event in events)


@given(strategies.records(PARAMS.event.port()), st.integers(0, 4), st.integers(0, 4))
def test_engine_equals_reference(events: Records, step: int, steps: int) -> None:
    settings = configuration(step, steps)
    found = engine.run(PARAMS, settings, {"input": events})["output"]
    assert np.array_equal(sent(events, settings), found)


@given(strategies.records(PARAMS.event.port()))
def test_one_mark_leaves_for_each_and_one_before(events: Records) -> None:
    found = sent(events, configuration(1, 2))
    marks = int(np.count_nonzero(events["kind"] == Kind.TICK))
    assert np.count_nonzero(found["kind"] == Kind.TICK) == (marks + 1 if len(events) else 0)


def test_the_tile_takes_part_in_its_own_step_alone() -> None:
    spikes = [(Kind.SPIKE, source) for source in range(1, 5)] * 4
    mark = (Kind.TICK, 0)
    found = sent(channel(*spikes, mark, mark, mark), configuration(1, 3))
    kinds = "".join("|" if kind == Kind.TICK else "s" for kind in found["kind"])
    assert kinds == "||sss||"
    assert found["address"][found["kind"] == Kind.SPIKE].tolist() == [9, 10, 11]
    assert found["payload"].tolist() == [0, 0, 2, 2, 2, 0, 0]


def test_restart_takes_effect_at_its_mark_and_begins_a_tick() -> None:
    spikes = [(Kind.SPIKE, source) for source in range(1, 5)] * 4
    mark, restart = (Kind.TICK, 0), (Kind.RESTART, 15)
    found = sent(channel(mark, restart, *spikes, mark, mark, mark, mark), configuration(1, 3))
    assert (found["kind"] == Kind.TICK).all(), "spikes that came with RESTART are forgotten"
    found = sent(channel(mark, restart, mark, *spikes, mark, mark, mark), configuration(1, 3))
    assert "".join("|" if kind == Kind.TICK else "s" for kind in found["kind"]) == "||||sss||"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tile": tile.Params(recurrent=True)}, "come back by the router"),
        ({"key_width": 3}, "16 axons are more than there are keys of 3 bits"),
        ({"step_width": 0}, "step_width = 0"),
        ({"number": 1}, "number = 1 does not fit a payload of 0 bits"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(RangeError, match=message):
        Params(**wrong)
