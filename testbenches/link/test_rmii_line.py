"""The line of `link.rmii`, di-bit by di-bit: what the transmitter puts there, and all that a PHY may do."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.sim import Simulator

from spikelock.models.link.rmii import Drop
from spikelock.rtl.link.rmii import Receiver, Transmitter

FRAME = bytes([0x55, 0xD5, 0x00, 0xFF, 0x1B])
LONGEST = 8
Sample = tuple[int, int, int]
"""CRS_DV, RXD, RX_ER in one cycle."""

REST: list[Sample] = [(0, 0, 0)] * 48


def di_bits(data: bytes) -> list[int]:
    """The lowest first."""
    return [byte >> shift & 3 for byte in data for shift in (0, 2, 4, 6)]


def frame(
    data: bytes, *, before: int = 3, preamble: int = 31, fades: int = 0, extra: int = 0
) -> list[Sample]:
    """A frame as a PHY gives it, with rest after it.

    before: cycles from the carrier to the first bit. preamble: di-bits 01. fades: cycles, from the end, in
    which CRS_DV toggles. extra: di-bits after the last byte.
    """
    line = [0] * before + [1] * preamble + [3] + di_bits(data) + [2] * extra
    start = len(line) - extra - fades
    faded = range(start, len(line), 2) if fades else ()
    return [(int(cycle not in faded), value, 0) for cycle, value in enumerate(line)] + REST


def with_error(line: list[Sample], cycle: int) -> list[Sample]:
    """RX_ER is high in one cycle."""
    return [(crs_dv, rxd, int(at == cycle)) for at, (crs_dv, rxd, _) in enumerate(line)]


def received(line: list[Sample], taken_from: int = 0) -> tuple[list[bytes], list[Drop]]:
    """The frames that a receiver makes of a line, and why it drops others.

    taken_from: cycle from which on bytes are taken from it.
    """
    receiver = Receiver(LONGEST)
    frames, drops, data = [], [], []

    async def bench(context: Any) -> None:
        for cycle, (crs_dv, rxd, rx_er) in enumerate(REST + line):
            context.set(receiver.output.ready, int(cycle >= taken_from))
            context.set(receiver.crs_dv, crs_dv)
            context.set(receiver.rxd, rxd)
            context.set(receiver.rx_er, rx_er)
            if context.get(receiver.dropped):
                drops.append(Drop(context.get(receiver.reason)))
            if context.get(receiver.output.valid) and cycle >= taken_from:
                data.append(context.get(receiver.output.payload.data))
                if context.get(receiver.output.payload.last):
                    frames.append(bytes(data))
                    data.clear()
            await context.tick()

    simulate(receiver, bench)
    assert not data
    return frames, drops


def transmitted(packets: list[bytes], cycles: int) -> list[tuple[int, int]]:
    """TX_EN and TXD of each cycle, while these packets are sent."""
    transmitter = Transmitter(LONGEST)
    line: list[tuple[int, int]] = []
    beats = [(byte, at == len(data) - 1) for data in packets for at, byte in enumerate(data)]

    async def bench(context: Any) -> None:
        for _ in range(cycles):
            accepted = False
            if beats:
                context.set(transmitter.input.valid, 1)
                context.set(transmitter.input.payload.data, beats[0][0])
                context.set(transmitter.input.payload.last, int(beats[0][1]))
                accepted = bool(context.get(transmitter.input.ready))
            else:
                context.set(transmitter.input.valid, 0)
            line.append((context.get(transmitter.tx_en), context.get(transmitter.txd)))
            await context.tick()
            if accepted:
                beats.pop(0)

    simulate(transmitter, bench)
    assert not beats
    return line


def simulate(component: Any, bench: Any) -> None:
    simulator = Simulator(component)
    simulator.add_clock(20e-9)
    simulator.add_testbench(bench)
    simulator.run()


def test_what_is_on_the_line() -> None:
    line = transmitted([FRAME, b"\x1e"], 300)
    sent = "".join(str(txd) if tx_en else "-" for tx_en, txd in line)
    first, second = ("1111" * 7 + "1113" + "".join(map(str, di_bits(data))) for data in (FRAME, b"\x1e"))
    assert sent.strip("-") == first + "-" * 48 + second


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"before": 0},
        {"before": 10},
        {"preamble": 1},
        {"preamble": 30},
        {"preamble": 40},
        {"fades": 2},
        {"fades": 8},
        {"fades": 20},
    ],
    ids=str,
)
def test_what_a_phy_may_do(how: dict[str, int]) -> None:
    assert received(frame(FRAME, **how) + frame(b"after")) == ([FRAME, b"after"], [])


@pytest.mark.parametrize("extra", [1, 2, 3])
def test_a_frame_that_does_not_end_with_a_byte(extra: int) -> None:
    assert received(frame(FRAME, extra=extra) + frame(b"after")) == ([b"after"], [Drop.DAMAGED])
    assert received(frame(FRAME, extra=extra, before=0)) == ([], [Drop.DAMAGED])


@pytest.mark.parametrize("cycle", [3, 20, 34, 35, 36, 40, 35 + 4 * len(FRAME) - 1])
def test_rx_er(cycle: int) -> None:
    """From the second di-bit of the preamble to the last one of the frame."""
    line = with_error(frame(FRAME), cycle + 1)
    assert received(line + frame(b"after")) == ([b"after"], [Drop.DAMAGED])


def test_rx_er_between_frames() -> None:
    line = with_error(frame(FRAME), 35 + 4 * len(FRAME) + 20)
    assert received(line + frame(b"after")) == ([FRAME, b"after"], [])


@pytest.mark.parametrize(
    "values", [[2] * 20, [1, 1, 2, 1, 1, 3, 0, 0, 0, 0], [3] * 9, [1, 1, 0, 1, 1, 3, *[1] * 16]], ids=str
)
def test_what_is_no_frame(values: list[int]) -> None:
    nothing: list[Sample] = [(1, value, 0) for value in values]
    assert received(nothing + REST + frame(b"after")) == ([b"after"], [])


def test_no_bytes_are_no_frame() -> None:
    assert received(frame(b"") + frame(b"after")) == ([b"after"], [])


def test_reasons_that_are_not_of_the_line() -> None:
    assert received(frame(bytes(LONGEST + 1)) + frame(bytes(LONGEST))) == ([bytes(LONGEST)], [Drop.TOO_LONG])


def test_room_that_comes_while_a_frame_does() -> None:
    """A frame that found no room for one byte is dropped, though there is room again for the next one."""
    one, two, three = b"one ....", b"two ....", b"three .."
    line = frame(one) + frame(two) + frame(three) + REST
    begins = len(REST) + 2 * len(frame(one)) + 35
    came = [received(line, begins + cycle) for cycle in range(0, 4 * len(three) + 8, 3)]
    assert came[0] == ([one, two, three], [])
    assert came[-1] == ([one, two], [Drop.NO_ROOM])
    assert all(outcome in (came[0], came[-1]) for outcome in came)


def test_control_other_bits_are_another_frame() -> None:
    line = [
        (crs_dv, 0 if cycle == 40 else rxd, rx_er) for cycle, (crs_dv, rxd, rx_er) in enumerate(frame(FRAME))
    ]
    frames, drops = received(line)
    assert frames != [FRAME]
    assert not drops
