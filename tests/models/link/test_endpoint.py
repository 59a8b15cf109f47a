"""The endpoint: engine = reference, what arrives is what was sent, and parameters that cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import endpoint as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.endpoint import CORE, Params, Role
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

PARAMS = Params(role=Role.JOINED, width=4, longest=3, window=2, number_bits=2)
PORTS = CORE.inputs(PARAMS)


def arrived(inputs: Mapping[str, Records]) -> Mapping[str, Records]:
    _, outputs = run_reference(CORE, PARAMS, Configuration(), inputs)
    return outputs


def offered(**streams: Records) -> dict[str, Records]:
    return {name: port.records(*([] for _ in port.fields)) for name, port in PORTS.items()} | streams


@given(st.fixed_dictionaries({name: strategies.records(port) for name, port in PORTS.items()}))
def test_engine_equals_reference(inputs: Mapping[str, Records]) -> None:
    expected, actual = arrived(inputs), engine.run(PARAMS, Configuration(), inputs)
    for name in ("at_board", "at_host"):
        assert np.array_equal(expected[name], actual[name])


@given(strategies.records(PORTS["to_board"]))
def test_whole_packets_arrive_as_they_were_sent(sent: Records) -> None:
    """Beats are those that were sent, up to the end of a packet; and no packet is too long."""
    came = arrived(offered(to_board=sent))["at_board"]
    assert np.array_equal(came["data"], sent["data"][: len(came)])
    assert len(sent) - len(came) < PARAMS.longest
    assert not len(came) or came["last"][-1]
    assert all(np.diff(np.flatnonzero(came["last"]), prepend=-1) <= PARAMS.longest)
    assert not np.any(came["last"] < sent["last"][: len(came)])


def test_faults_of_the_line_change_nothing() -> None:
    sent = PORTS["to_board"].records([1, 2, 3], [0, 1, 1])
    faults = PORTS["faults_to_board"].records([1, 1, 2, 3])
    with_faults = arrived(offered(to_board=sent, faults_to_board=faults))
    assert np.array_equal(with_faults["at_board"], sent)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 3}, "window = 3: a power of two"),
        ({"window": 64, "number_bits": 6}, "of 64 numbers at most half"),
        ({"number_bits": 9}, "a number has 1 … 8 bits"),
        ({"width": 2, "number_bits": 2}, "width = 2"),
        ({"longest": 0}, "at least one beat"),
        ({"timeout": 0}, "timeout = 0"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Params(**wrong)
