"""A sender and a receiver with clocks of their own, and slow wires: each event arrives once and in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from spikelock.formal.aer.handshake_mutants import DATA_CHANGED_TOO_EARLY
from spikelock.models.aer.event import Format
from spikelock.models.aer.handshake import Params, Role, delays
from spikelock.models.core import twin
from spikelock.models.mutant import Mutant
from spikelock.models.ports import Records
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.test_handshake import LONGEST, random_delays
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.lockstep import BURSTS, NONE, Built, Clock, Job, Model, Response, Stall, build
from spikelock.testbenches.pytest_plugin import Size

PARAMS = Params(Role.JOINED, Format(6))
INPUTS = {"input": PARAMS.event.port("sender"), "delays": replace(delays(), clock="wires")}
OUTPUTS = {"output": PARAMS.event.port("receiver")}

CLOCKS: Mapping[str, Mapping[str, Clock]] = {
    "1:1": {"sender": Clock(8), "receiver": Clock(8, 3)},
    "1:5": {"sender": Clock(4), "receiver": Clock(20, 7)},
    "5:1": {"sender": Clock(20, 1), "receiver": Clock(4)},
    "7:11": {"sender": Clock(7), "receiver": Clock(11, 5)},
    "drift": {"sender": Clock(100), "receiver": Clock(101, 1)},
}
"""The delays of the wires are counted in the unit of time."""


@cache
def built(mutant: Mutant | None = None) -> Built:
    """The two ends and wires, in three domains, with a broken end if there is a mutant."""
    clocks = {name: name for name in ("sender", "receiver", "wires")}
    if mutant:
        return build(mutant.component("aer.handshake", PARAMS, **clocks), INPUTS, OUTPUTS)
    return build(twin("aer.handshake", "rtl").component(PARAMS, **clocks), INPUTS, OUTPUTS)


def carry(
    clocks: str, wires: Records, events: int, mutant: Mutant | None = None, **settings: Any
) -> Response:
    """So many random events, over wires with these delays."""
    sent = random_channel(PARAMS.event, events, np.random.default_rng(events))
    with skipped_without_tools(), Model(built(mutant), clocks=CLOCKS[clocks]) as model:
        model.reset(8)
        return model.run(Job({"input": sent, "delays": wires}, {"output": sent}, patience=5000, **settings))


def legal_delays(events: int) -> Records:
    return random_delays(events - 2, LONGEST, np.random.default_rng(events))


@pytest.mark.parametrize("clocks", CLOCKS)
@pytest.mark.parametrize("stalls", [NONE, BURSTS], ids=["unhindered", "stalls"])
def test_each_event_arrives_once_and_in_order(clocks: str, stalls: Stall, size: Size) -> None:
    events = size.pick(1000, 200_000)
    response = carry(clocks, legal_delays(events), events, stalls=stalls)
    assert response.ok, response.problems


def test_cycles_of_a_handshake() -> None:
    """Eleven with equal clocks, out of phase, and wires that take an eighth of a cycle, as the page says."""
    response = carry("1:1", delays().records([], [], []), 20, stamps=True)
    assert response.ok, response.problems
    assert set(np.diff(response.produced_at["output"])) == {11}


def test_control_a_broken_end_is_caught() -> None:
    assert not carry("7:11", legal_delays(200), 200, DATA_CHANGED_TOO_EARLY).ok


def test_control_data_that_come_later_than_their_request_are_wrong() -> None:
    """So the wires are seen to be bad, and the bundling constraint to be needed: this receiver is quick."""
    late = delays().records([0] * 100, [0] * 100, [LONGEST] * 100)
    assert not carry("5:1", late, 200).ok
