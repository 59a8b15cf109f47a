"""A board's whole Ethernet line, from the pins of its PHY on, where the two clocks have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, Module, ResetSignal
from amaranth.lib import wiring
from amaranth.lib.cdc import ResetSynchronizer
from amaranth.sim import Simulator

from spikelock.formal.chiplet.bridge_mutants import UNSETTLED
from spikelock.models.link.ethernet import Station
from spikelock.models.mutant import Mutant
from spikelock.rtl.board.rmii_line import RmiiLine
from spikelock.rtl.board.udp_line import UdpLine
from spikelock.testbenches.link.ethernet_frames import Peer
from spikelock.testbenches.link.stations import Specified
from spikelock.testbenches.link.test_rmii_line import Sample, di_bits, frame, with_error

STATION = Station()
LONGEST = 128
RMII = 20e-9
PEER = Peer(STATION, bytes([2, 0, 0, 0, 0, 7]), bytes([192, 168, 1, 7]), 40_000)
CLOCKS = {"12 MHz": 1e-6 / 12, "25 MHz, nearly": 40.013e-9, "50 MHz, nearly": 19.987e-9, "141 MHz": 7.1e-9}


def frames(count: int) -> list[bytes]:
    """ARP, then datagrams of any bytes, each a frame of the link."""
    random = np.random.default_rng(4)
    bodies = [
        bytes(random.integers(1, 256, int(random.integers(1, 60)), np.uint8)) + b"\0" for _ in range(count)
    ]
    return [PEER.frame(0x0806, PEER.arp()), *(PEER.ip(17, PEER.datagram(body)) for body in bodies)]


def answered(
    line: Sequence[Sample], clock: float, cycles: int, hardware: Any = None
) -> tuple[list[bytes], int, int]:
    """What a station that sends back its datagrams puts on the line while it gets this from it; and how often
    it says that a frame was damaged, and that one found no room.
    """
    m = Module()
    m.submodules.rmii = rmii = hardware or RmiiLine(LONGEST)
    m.submodules.udp = udp = UdpLine(STATION)
    wiring.connect(m, rmii.received, udp.received)
    wiring.connect(m, udp.transmitted, rmii.transmitted)
    wiring.connect(m, udp.input, udp.output)
    sent: list[tuple[int, int]] = []
    told = {"line_error": 0, "overrun": 0}

    async def phy(context: Any) -> None:
        for at in range(cycles):
            crs_dv, rxd, rx_er = line[at] if at < len(line) else (0, 0, 0)
            context.set(rmii.crs_dv, crs_dv)
            context.set(rmii.rxd, rxd)
            context.set(rmii.rx_er, rx_er)
            sent.append((context.get(rmii.tx_en), context.get(rmii.txd)))
            await context.tick("rmii")

    async def count(context: Any) -> None:
        while True:
            for name in told:
                told[name] += context.get(getattr(rmii, name))
            await context.tick("sync")

    simulator = Simulator(m)
    simulator.add_clock(RMII, domain="rmii")
    simulator.add_clock(clock, phase=0.3 * clock, domain="sync")
    simulator.add_testbench(phy)
    simulator.add_testbench(count, background=True)
    simulator.run()
    return on_the_line(sent), told["line_error"], told["overrun"]


def on_the_line(sent: Sequence[tuple[int, int]]) -> list[bytes]:
    """The frames, each with its preamble checked."""
    found = []
    for part in "".join(str(txd) if tx_en else " " for tx_en, txd in sent).split():
        assert part.startswith("1" * 31 + "3"), "a frame without its preamble"
        values = [int(value) for value in part[32:]]
        assert len(values) % 4 == 0, "a frame that does not end with a byte"
        bytes_ = [
            sum(v << 2 * n for n, v in enumerate(values[at : at + 4])) for at in range(0, len(values), 4)
        ]
        assert [bit for byte in bytes_ for bit in di_bits(bytes([byte]))] == values
        found.append(bytes(bytes_))
    return found


def paced(many: Sequence[bytes], gap: int) -> list[Sample]:
    """Frames on the line, with rest between them in which each is answered."""
    return [sample for one in many for sample in [*frame(one), *[(0, 0, 0)] * gap]]


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_every_frame_is_answered_as_specified(clock: float) -> None:
    many, specified = frames(3), Specified(STATION)
    expected = [answer for one in many for answer in specified.answer(one)]
    line = paced(many, int(300 * max(1, clock / RMII)))
    assert answered(line, clock, len(line) + 1500) == (expected, 0, 0)
    assert len(expected) == len(many)


def test_what_is_dropped_is_told_in_the_other_clock() -> None:
    """Of one frame RX_ER is high; and the others come faster than a slow clock takes them."""
    (one,) = frames(1)[1:]
    damaged = with_error(frame(one), 60)
    line = [*damaged, *frame(one) * 8]
    answers, errors, overruns = answered(line, 4 * CLOCKS["12 MHz"], len(line) + 20_000)
    assert errors == 1
    assert overruns > 0
    assert len(answers) == 8 - overruns
    assert set(answers) == set(Specified(STATION).answer(one))


def test_control_a_crossing_of_one_clock_is_found() -> None:
    """A queue that is written with the other clock than it is filled with loses and doubles bytes."""
    broken = Mutant(
        "the queue is written by the clock that reads it",
        "crossing",
        "w_domain=self.writes",
        "w_domain=self.reads",
    ).component("board.rmii_line", LONGEST)
    many, specified = frames(1), Specified(STATION)
    expected = [answer for one in many for answer in specified.answer(one)]
    line = paced(many, 2000)
    try:
        answers, _, _ = answered(line, CLOCKS["12 MHz"], len(line) + 1500, broken)
    except AssertionError:
        return
    assert answers != expected


def sent_after_a_reset(clock: float, hardware: RmiiLine) -> list[bytes]:
    """What is on the line after a reset of one cycle of `sync` in the midst of a frame: then one is sent."""
    m = Module()
    m.domains.sync = sync = ClockDomain()
    m.domains.rmii = ClockDomain()
    m.submodules.reset = ResetSynchronizer(ResetSignal("sync"), domain="rmii")  # as on a board
    m.submodules.rmii = rmii = hardware
    sent: list[tuple[int, int]] = []

    async def send(context: Any, frame: bytes, whole: bool) -> None:
        for number, byte in enumerate(frame, 1):
            last = whole and number == len(frame)
            context.set(rmii.transmitted.payload, {"data": byte, "last": last})
            context.set(rmii.transmitted.valid, 1)
            await context.tick("sync").until(rmii.transmitted.ready)
        context.set(rmii.transmitted.valid, 0)

    async def station(context: Any) -> None:
        await send(context, BEFORE, whole=False)
        context.set(sync.rst, 1)
        await context.delay(clock)
        context.set(sync.rst, 0)
        sent.clear()
        await context.delay(5e-6)  # an old frame would be on the line by then
        await send(context, AFTER, whole=True)
        await context.delay(5e-6)

    async def phy(context: Any) -> None:
        while True:
            sent.append((context.get(rmii.tx_en), context.get(rmii.txd)))
            await context.delay(RMII)

    simulator = Simulator(m)
    simulator.add_clock(RMII, domain="rmii")
    simulator.add_clock(clock, phase=0.3 * clock, domain="sync")
    simulator.add_testbench(station)
    simulator.add_testbench(phy, background=True)
    simulator.run()
    return on_the_line(sent)


BEFORE, AFTER = bytes(range(0xA0, 0xAC)), bytes(range(1, 21))


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_a_short_reset_leaves_nothing_of_a_frame(clock: float) -> None:
    assert sent_after_a_reset(clock, RmiiLine(LONGEST)) == [AFTER]


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_control_a_crossing_that_does_not_wait_is_found(clock: float) -> None:
    broken = UNSETTLED.component("board.rmii_line", LONGEST)
    assert sent_after_a_reset(clock, broken) != [AFTER]
