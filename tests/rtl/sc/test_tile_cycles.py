"""The cycles of each event, as `docs/cores/sc/tile.md` and `rtl/sc/tile.py` state them."""

from __future__ import annotations

from typing import Any

import pytest

from spikelock.models.fabric.tile import Kind
from spikelock.models.neurons import lif
from spikelock.models.ports import load_records
from spikelock.models.sc import dense
from spikelock.models.sc.tile import CORE, Params

pytest.importorskip("amaranth")

SPIKE, TICK, RESTART, FAULT = (int(kind) for kind in Kind)
LAYER = dense.Params(
    3, 4, width=5, length=6, lanes=2, parallel=3, neuron=lif.Params(leak=0, threshold=6, constants=True)
)
PARAMS = Params(LAYER, axons=3)
FIRE_FOR = [[32, 0, 0], [32, 0, 0], [0, 0, 0], [0, 0, 32]]
"""Weights: axon 0 lets neurons 0 and 1 fire, axon 2 the last one."""


def cycles(events: list[tuple[int, int]]) -> list[int]:
    """Cycles from each event's acceptance to its departure, at which the next one is accepted."""
    from amaranth.sim import Simulator

    from spikelock.rtl.sc.tile import Tile

    dut: Any = Tile(PARAMS)
    loads = load_records(CORE.memories(PARAMS), dense.contents(LAYER, FIRE_FOR)).tolist()
    accepted: list[int] = []
    left: list[int] = []

    async def bench(context: Any) -> None:
        for load in loads:
            context.set(dut.load.payload, dict(zip(("memory", "address", "data"), load, strict=True)))
            context.set(dut.load.valid, 1)
            await context.tick()
        context.set(dut.load.valid, 0)
        context.set(dut.output.ready, 1)
        for edge in range(400):
            context.set(dut.input.valid, len(accepted) < len(events))
            if len(accepted) < len(events):
                kind, address = events[len(accepted)]
                context.set(dut.input.payload, {"kind": kind, "address": address})
            own = context.get(dut.output.payload.address) >= PARAMS.axons
            if context.get(dut.output.valid) and not own:
                left.append(edge)
            if context.get(dut.input.ready) and len(accepted) < len(events):
                accepted.append(edge)
            await context.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(left) == len(events)
    assert all(b == a for a, b in zip(left, accepted[1:], strict=False))
    return [b - a for a, b in zip(accepted, left, strict=True)]


@pytest.mark.parametrize("kind", [SPIKE, RESTART, FAULT])
def test_an_event_is_passed_on_at_once(kind: int) -> None:
    assert cycles([(kind, 0)] * 3) == [1] * 3


@pytest.mark.parametrize(
    ("source", "more"), [(1, 0), (0, 0), (2, 1)], ids=["none fires", "some fire", "the last one fires"]
)
def test_a_tick_takes_the_layers_cycles_and_two_or_three(source: int, more: int) -> None:
    assert cycles([(RESTART, 0), (SPIKE, source), (TICK, 0)])[-1] == LAYER.cycles + 2 + more
