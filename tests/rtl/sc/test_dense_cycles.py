"""The cycles of a tick, and of a reset, as `docs/cores/sc/dense.md` and `Params.cycles` state them."""

from __future__ import annotations

from typing import Any

import pytest

from spikelock.models.sc.dense import Params

pytest.importorskip("amaranth")


def edges(params: Params, ticks: int, reset_at: int | None = None) -> tuple[list[int], list[int]]:
    """The edges at which inputs are accepted, and at which spikes leave, while nothing stalls."""
    from amaranth.hdl import ResetInserter, Signal
    from amaranth.sim import Simulator

    from spikelock.rtl.sc.dense import Dense

    dut: Any = Dense(params)
    reset = Signal()
    accepted: list[int] = []
    left: list[int] = []

    async def bench(context: Any) -> None:
        context.set(dut.output.ready, 1)
        context.set(dut.input.valid, 1)
        for edge in range((ticks + 1) * params.cycles):
            context.set(reset, edge == reset_at)
            if context.get(dut.input.ready):
                accepted.append(edge)
            if context.get(dut.output.valid):
                left.append(edge)
            await context.tick()

    simulator = Simulator(ResetInserter(reset)(dut))
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return accepted, left


@pytest.mark.parametrize(("lanes", "parallel"), [(1, 1), (5, 3), (2, 2), (3, 1)])
def test_a_tick_takes_the_cycles_that_are_stated(lanes: int, parallel: int) -> None:
    params = Params(5, 3, width=6, length=7, lanes=lanes, parallel=parallel)
    rounds = -(-5 // lanes), -(-3 // parallel)
    assert params.cycles == 5 + 1 + 7 * rounds[0] * rounds[1] + 3 * 3
    accepted, left = edges(params, 2)
    assert accepted[:10] == [*range(5), *range(params.cycles, params.cycles + 5)]
    last = accepted[4]
    spikes = [last + 1 + 7 * rounds[0] * (i // parallel + 1) + 3 * (i + 1) for i in range(3)]
    assert left[:3] == spikes
    assert left[3:6] == [edge + params.cycles for edge in spikes]


@pytest.mark.parametrize("reset_at", [2, 8, 20, 21, 40])
def test_a_reset_takes_one_cycle(reset_at: int) -> None:
    """From the next edge on, inputs are accepted as they are from power-up."""
    params = Params(5, 3, width=6, length=7, lanes=2, parallel=2)
    accepted, left = edges(params, 2, reset_at)
    assert [edge for edge in accepted if edge > reset_at][:5] == list(range(reset_at + 1, reset_at + 6))
    first = next(edge for edge in left if edge > reset_at)
    assert first == reset_at + 5 + 1 + 7 * 3 + 3
