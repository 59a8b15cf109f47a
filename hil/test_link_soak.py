"""A soak of both ends of the link as they are shipped: the host's in Python, and a whole board, simulated
down to the bits of its UART. Their line does its worst; time is the simulation's, so a run repeats itself.
"""

from __future__ import annotations

import random
from functools import cache

import pytest

from spikelock.drivers import connection
from spikelock.drivers.endpoint import Endpoint
from spikelock.drivers.link import Link
from spikelock.drivers.soak import Soak, soak
from spikelock.drivers.transports.faults import RATES, Faulty, parse_faults
from spikelock.hil.in_process import SimulatedTime, board_and_clock
from spikelock.hil.simulation import BuiltBoard, build_board
from spikelock.models.board.description import BoardParams
from spikelock.models.fabric import chain, tile
from spikelock.models.neurons import lif
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.pytest_plugin import Size

SPECS = {
    "none": "",
    "bit_errors": "bit_errors=1e-4",
    "loss": "loss=0.01",
    "duplication": "duplication=0.05",
    "reordering": "reordering=0.01",
    "truncation": "truncation=0.01",
    "rubbish": "rubbish=0.01",
    "stalls": "stalls=0.002",
    "disconnects": "disconnects=0.01",
    "all": "bit_errors=2e-5,loss=3e-3,duplication=0.01,reordering=3e-3,truncation=3e-3,rubbish=3e-3,"
    "stalls=1e-4,disconnects=1e-3",
}
LONGEST = 4
"""Bytes of a packet: short ones make many frames."""

FRAMES_OF_A_PACKET = 3
"""At least: there and back, and an acknowledgement."""

PARAMS = BoardParams(
    chain=chain.Params(
        (
            tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
            tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
        )
    )
)


@cache
def built() -> BuiltBoard:
    """The board."""
    return build_board(PARAMS)


def soaked(spec: str, packets: int) -> tuple[Soak, Link, SimulatedTime]:
    """What came of a soak, the host that did it, and the time that passed for the board."""
    line, time = board_and_clock(built())
    link = Link(Faulty(line, parse_faults(spec), time), clock=time, chance=random.Random(1))
    link.open()
    return soak(link, packets, seed=11, longest=LONGEST), link, time


@pytest.mark.parametrize("fault", SPECS)
def test_each_byte_comes_back_once_and_in_order(fault: str, size: Size) -> None:
    packets = size.pick(900, 1_000_000 if fault == "all" else 100_000) // FRAMES_OF_A_PACKET
    with skipped_without_tools():
        result, link, time = soaked(SPECS[fault], packets)
    assert result == Soak(packets, packets, result.resumed), result.problem
    assert isinstance(link.transport, Faulty)
    counts, happened = link.statistics, link.transport.happened
    frames, spoiled = counts.frames_sent + counts.frames_received, counts.not_frames + counts.crc_errors
    print(  # shown by -rP
        f"{frames:,} frames, {counts.frames_replayed:,} of the host's again, {counts.repeats:,} asked for by "
        f"the board, {spoiled:,} came spoiled; {time():.1f} s of the board; {dict(happened)}"
    )
    assert frames >= FRAMES_OF_A_PACKET * packets
    wanted = {name for name in RATES if getattr(parse_faults(SPECS[fault]), name)}
    assert set(happened) == wanted or (fault == "all" and size is Size.SHORT and happened)


def test_every_kind_of_fault_is_tried() -> None:
    assert {*RATES, "none", "all"} == set(SPECS)


class IgnoresNumbers(Endpoint):
    """Every packet is delivered, those that came before, too."""

    def _take_packet(self, number: int, body: bytes) -> None:
        if (number - self._expected) % 256 >= 128:
            self._deliver(body[3:])
        super()._take_packet(number, body)


def test_control_a_wrong_host_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "Endpoint", IgnoresNumbers)
    with skipped_without_tools():
        result, _, _ = soaked(SPECS["duplication"], 300)
    assert "came back as" in result.problem
