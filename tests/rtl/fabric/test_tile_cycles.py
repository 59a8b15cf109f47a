"""The cycles of each event, as `docs/cores/fabric/tile.md` and `rtl/fabric/tile.py` state them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikelock.models.fabric.tile import CORE, Kind, Params, memories, rows_and_synapses
from spikelock.models.neurons import lif
from spikelock.models.ports import load_records

pytest.importorskip("amaranth")

AXONS, NEURONS = 4, 5


def cycles(events: list[tuple[int, int]], recurrent: bool = False) -> tuple[int, list[int]]:
    """Cycles from reset to the first acceptance, and from each acceptance to the mark's or event's departure.

    Axon a has a row of a synapses, of weight 100. Neurons fire at 100; a recurrent neuron i has a row of i.
    """
    from amaranth.sim import Simulator

    from spikelock.rtl.fabric.tile import Tile

    neuron = lif.Params(leak=0, threshold=100)
    params = Params(neuron, neurons=NEURONS, axons=AXONS, synapses=32, recurrent=recurrent)
    rows = [*range(AXONS), *(range(NEURONS) if recurrent else ())]
    sources = np.repeat(np.arange(len(rows)), rows)
    targets = np.concatenate([np.arange(length) for length in rows])
    contents = rows_and_synapses(params, sources, targets, np.full(len(sources), 100))
    dut: Any = Tile(params)
    accepted: list[int] = []
    left: list[int] = []

    async def bench(context: Any) -> None:
        context.set(dut.registers, dict(CORE.configuration(params).registers))
        context.set(dut.output.ready, 1)
        loads = load_records(memories(params), contents).tolist()
        for edge in range(400):
            context.set(dut.load.valid, edge < len(loads))
            if edge < len(loads):
                context.set(
                    dut.load.payload, dict(zip(("memory", "address", "data"), loads[edge], strict=True))
                )
            context.set(dut.input.valid, len(accepted) < len(events))
            if len(accepted) < len(events):
                kind, address = events[len(accepted)]
                context.set(dut.input.payload, {"kind": kind, "address": address})
            if context.get(dut.output.valid) and dut_sends(context, events[len(left)]):
                left.append(edge)
            if context.get(dut.input.ready) and len(accepted) < len(events):
                accepted.append(edge)
            await context.tick()

    def dut_sends(context: Any, event: tuple[int, int]) -> bool:
        """Whether what leaves is the event that came in, and not a spike of the tile's own."""
        kind = context.get(dut.output.payload.kind)
        own = kind == Kind.SPIKE and context.get(dut.output.payload.address) >= AXONS
        return not own and kind in (event[0], Kind.FAULT)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(left) == len(events)
    assert all(b == a + 1 for a, b in zip(left, accepted[1:], strict=False)), (
        "the next one is accepted a cycle later"
    )
    return accepted[0], [b - a for a, b in zip(accepted, left, strict=True)]


def test_first_event_after_reset() -> None:
    assert cycles([(Kind.FAULT, 0)])[0] == NEURONS


# Loading the rows takes longer than clearing the neurons; these keep the event away until it is done.
WAIT = [(Kind.RESTART, 0)] * 6


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ((Kind.SPIKE, 0), 3),
        ((Kind.SPIKE, 1), 1 + 4),
        ((Kind.SPIKE, 3), 3 + 4),
        ((Kind.FAULT, 2), 1),
        ((Kind.RESTART, 0), NEURONS + 1),
    ],
)
def test_event(event: tuple[int, int], expected: int) -> None:
    assert cycles([*WAIT, event])[1][-1] == expected


@pytest.mark.parametrize("fired", range(AXONS))
def test_tick(fired: int) -> None:
    assert cycles([*WAIT, (Kind.SPIKE, fired), (Kind.TICK, 0)])[1][-1] == NEURONS + fired + 3


@pytest.mark.parametrize(("fired", "rows"), [(0, 0), (1, 3), (2, 3 + 5), (3, 3 + 5 + 6)])
def test_tick_of_a_recurrent_tile(fired: int, rows: int) -> None:
    assert (
        cycles([*WAIT, (Kind.SPIKE, fired), (Kind.TICK, 0)], recurrent=True)[1][-1]
        == NEURONS + fired + 3 + rows
    )
