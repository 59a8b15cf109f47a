"""Each end against a partner without a clock, who takes any time for each phase and plays by the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Value
from amaranth.sim import Simulator

from spikelock.formal.aer.handshake_mutants import (
    ACKNOWLEDGE_DROPPED,
    DATA_CHANGED_TOO_EARLY,
    DATA_READ_LATE,
    DATA_WITH_REQUEST,
    NEVER_LOWERED,
    NO_WAIT_FOR_LOW,
    OVERWRITTEN,
    REQUEST_DROPPED,
)
from spikelock.models.aer.event import Format
from spikelock.models.aer.handshake import CORE, Params, Role
from spikelock.models.core import twin
from spikelock.models.mutant import Mutant

EVENT = Format(6)
BITS = EVENT.port().width
EVENTS = 40
CLOCK = 1e-6
"""Period of the core's clock, in seconds."""

LONGEST = 4 * CLOCK
LEAST = 1e-9
ENOUGH = 12 * LONGEST * EVENTS
"""Time in which all events must have passed, in seconds."""

PHASES = {(0, 0): (1, 0), (1, 0): (1, 1), (1, 1): (0, 1), (0, 1): (0, 0)}
"""The next of request and acknowledge."""


class Wires:
    """The wires of an end. wrong: what was against the rules, at the time when it was."""

    def __init__(self, core: Any) -> None:
        self.request, self.acknowledge = Value.cast(core.request), Value.cast(core.acknowledge)
        self.data = Value.cast(core.data)
        self.wrong: list[str] = []

    async def watch(self, context: Any) -> None:
        """Checks every change: the four phases in their order, and data that stay for the first two."""
        phase, data = (0, 0), 0
        async for request, acknowledge, now in context.changed(self.request, self.acknowledge, self.data):
            if (request, acknowledge) not in (phase, PHASES[phase]):
                self.wrong.append(f"{phase} was followed by {(request, acknowledge)}")
            if request and not acknowledge and now != data:
                self.wrong.append(f"{phase}: the data changed from {data} to {now}")
            phase, data = (request, acknowledge), now


def times(random: np.random.Generator) -> Iterator[float]:
    """Any time, often none."""
    while True:
        yield LONGEST * random.random() if random.random() < 0.7 else LEAST


def run_sender(core: Any, seed: int) -> tuple[list[int], list[int], list[str]]:
    """The events that were sent, those that a partner read, and what was wrong on the wires."""
    wires, random = Wires(core), np.random.default_rng(seed)
    sent = [int(event) for event in random.integers(0, 1 << BITS, EVENTS)]
    waits, time, read = random.random(EVENTS) < 0.3, times(random), []

    async def offer(context: Any) -> None:
        for event, wait in zip(sent, waits, strict=True):
            for _ in range(20 * wait):
                await context.tick()
            context.set(Value.cast(core.input.payload), event)
            context.set(core.input.valid, 1)
            ready = False
            while not ready:
                *_, ready = await context.tick().sample(core.input.ready)
            context.set(core.input.valid, 0)

    async def partner(context: Any) -> None:
        while True:
            while not context.get(wires.request):
                await context.changed(wires.request)
            await context.delay(next(time))
            read.append(context.get(wires.data))
            context.set(wires.acknowledge, 1)
            while context.get(wires.request):
                await context.changed(wires.request)
            await context.delay(next(time))
            context.set(wires.acknowledge, 0)

    simulate(core, wires, offer, partner)
    return sent, read, wires.wrong


def run_receiver(core: Any, seed: int) -> tuple[list[int], list[int], list[str]]:
    """The events that a partner sent, those that were received, and what was wrong on the wires."""
    wires, random = Wires(core), np.random.default_rng(seed)
    sent = [int(event) for event in random.integers(0, 1 << BITS, EVENTS)]
    stalls, time, received = random.integers(0, 40, 2 * EVENTS), times(random), []

    async def take(context: Any) -> None:
        for stall in stalls:
            for _ in range(stall):
                await context.tick()
            context.set(core.output.ready, 1)
            event, valid = 0, False
            while not valid:
                *_, event, valid = await context.tick().sample(
                    Value.cast(core.output.payload), core.output.valid
                )
            received.append(event)
            context.set(core.output.ready, 0)

    async def partner(context: Any) -> None:
        for event in sent:
            context.set(wires.data, event)
            await context.delay(next(time))
            context.set(wires.request, 1)
            while not context.get(wires.acknowledge):
                await context.changed(wires.acknowledge)
            context.set(wires.data, ~event)
            await context.delay(next(time))
            context.set(wires.request, 0)
            while context.get(wires.acknowledge):
                await context.changed(wires.acknowledge)
            await context.delay(next(time))

    simulate(core, wires, take, partner)
    return sent, received, wires.wrong


def simulate(core: Any, wires: Wires, *testbenches: Any) -> None:
    simulator = Simulator(core)
    simulator.add_clock(CLOCK)
    simulator.add_process(wires.watch)
    for testbench in testbenches:
        simulator.add_testbench(testbench, background=True)
    simulator.run_until(ENOUGH)


RUNS = {Role.SENDER: run_sender, Role.RECEIVER: run_receiver}


@pytest.mark.parametrize("stages", [2, 3])
@pytest.mark.parametrize("role", RUNS)
def test_phases_are_in_order_and_each_event_passes_once(role: Role, stages: int) -> None:
    core = twin(CORE.name, "rtl").component(Params(role, EVENT, stages))
    sent, arrived, wrong = RUNS[role](core, seed=stages)
    assert not wrong
    assert arrived == sent


@pytest.mark.parametrize(
    ("role", "mutant", "on_wires"),
    [
        (Role.SENDER, DATA_CHANGED_TOO_EARLY, True),
        (Role.SENDER, DATA_WITH_REQUEST, True),
        (Role.SENDER, REQUEST_DROPPED, True),
        (Role.SENDER, NO_WAIT_FOR_LOW, False),
        (Role.SENDER, NEVER_LOWERED, False),
        (Role.RECEIVER, ACKNOWLEDGE_DROPPED, True),
        (Role.RECEIVER, OVERWRITTEN, False),
        (Role.RECEIVER, DATA_READ_LATE, False),
    ],
    ids=lambda value: value.breaks if isinstance(value, Mutant) else "",
)
def test_control_a_broken_end_is_caught(role: Role, mutant: Mutant, on_wires: bool) -> None:
    """on_wires: by a phase or data that are against the rules; else by events that are lost or wrong."""
    sent, arrived, wrong = RUNS[role](mutant.component(CORE.name, Params(role, EVENT)), seed=0)
    assert wrong if on_wires else arrived != sent
