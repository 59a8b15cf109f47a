"""How much the receiver stands: baud rates that are off, phases that do not fit its clock, and glitches."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.sim import Simulator

from spikelock.models.link.uart import Params
from spikelock.rtl.link.uart import Receiver

SENT = [0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80, 0xFE, 0x7F, 0x00, 0xC3]


def levels(data: list[int], bit: float, start: float) -> list[int]:
    """The line at each clock edge: characters without gaps, a bit of `bit` cycles, from `start` on."""
    bits = [level for byte in data for level in (0, *(byte >> i & 1 for i in range(8)), 1)]
    cycles = int(start + len(bits) * bit) + 20
    numbers = [int((cycle - start) // bit) for cycle in range(cycles)]
    return [bits[number] if 0 <= number < len(bits) else 1 for number in numbers]


def received(params: Params, line: list[int]) -> tuple[list[int], int]:
    """The bytes that the receiver makes of a line, and its errors."""
    receiver = Receiver(params)
    data: list[int] = []
    errors = 0

    async def bench(context: Any) -> None:
        nonlocal errors
        context.set(receiver.output.ready, 1)
        for level in line:
            context.set(receiver.rx, level)
            errors += context.get(receiver.framing_error) + context.get(receiver.overrun)
            if context.get(receiver.output.valid):
                data.append(context.get(receiver.output.payload.data))
            await context.tick()

    simulator = Simulator(receiver)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return data, errors


@pytest.mark.parametrize(
    ("clocks", "percent"),
    [(4, 0), (4, 1.5), (4, -1.5), (8, 3), (8, -3), (25 / 3, 3), (25 / 3, -3), (104, 4), (104, -4)],
)
def test_baud_rates_that_are_off(clocks: float, percent: float) -> None:
    params = Params(round(1_000_000 * clocks), 1_000_000)
    for phase in (6.0, 6.3, 6.6, 6.9) if clocks < 100 else (6.5,):
        line = levels(SENT, clocks / (1 + percent / 100), phase)
        assert received(params, line) == (SENT, 0)


@pytest.mark.parametrize("percent", [9, -9])
def test_control_a_baud_rate_that_is_far_off_is_seen(percent: float) -> None:
    params = Params(8_000_000, 1_000_000)
    assert received(params, levels(SENT, 8 / (1 + percent / 100), 6.0)) != (SENT, 0)


def test_a_glitch_is_no_start_bit() -> None:
    params = Params(8_000_000, 1_000_000)
    quiet = [1] * 20
    line = [*quiet, 0, *quiet, 0, 0, *quiet, *levels(SENT, 8, 6.0)]
    assert received(params, line) == (SENT, 0)
