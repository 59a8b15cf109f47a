"""Stations that send back what they get by UDP: of the specifications, and of the simulated hardware."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.sim import Simulator

from spikelock.models.core import Configuration
from spikelock.models.link import ethernet_transmitter, udp_receiver, udp_sender
from spikelock.models.link.ethernet import Drop, Station
from spikelock.rtl.board.udp_line import UdpLine

PERIOD = 1e-6
IDLE = 300
"""Cycles without a byte after which hardware has done all it does for a frame."""


class Echo(Protocol):
    """A station. dropped: frames, by reason."""

    dropped: Counter[Drop]

    def answer(self, frame: bytes) -> list[bytes]:
        """The frames that it sends after one has come, each with its frame check sequence."""
        ...


class Specified:
    """What the references say."""

    def __init__(self, station: Station) -> None:
        self.receiver = udp_receiver.Params(station)
        self.sender = udp_sender.Params(station)
        self.dropped: Counter[Drop] = Counter()
        self.peer = Configuration({"known": 0})

    def answer(self, frame: bytes) -> list[bytes]:
        """The frames that it sends after one has come."""
        payload, replies, peers, dropped = udp_receiver.judged(self.receiver, frame)
        self.dropped.update(Drop(reason) for (reason,) in dropped)
        for station, address, port in peers:
            self.peer = Configuration(
                {"peer_station": station, "peer_address": address, "peer_port": port, "known": 1}
            )
        packets = list(replies)
        state = b""
        for transaction in payload:
            state, some = udp_sender.reference(self.sender, self.peer, state, transaction)
            packets += some
        line: list[tuple[int, int]] = []
        packet = b""
        for beat in packets:
            packet, some = ethernet_transmitter.reference(
                ethernet_transmitter.Params(), Configuration(), packet, beat
            )
            line += some
        return split(line)


class Simulated:
    """What the hardware does, in Amaranth's simulator."""

    def __init__(self, station: Station) -> None:
        self.line = UdpLine(station)
        self._waiting: list[bytes] = []
        self._sent: list[tuple[int, int]] = []
        self._cycles = 0
        m = Module()
        m.submodules.line = self.line
        wiring.connect(m, self.line.input, self.line.output)
        self._simulator = Simulator(m)
        self._simulator.add_clock(PERIOD)
        self._simulator.add_testbench(self._feed, background=True)
        self._simulator.add_testbench(self._take, background=True)
        self._simulator.add_testbench(self._count, background=True)
        self.dropped: Counter[Drop] = Counter()

    def answer(self, frame: bytes) -> list[bytes]:
        """The frames that it sends after one has come."""
        self._waiting.append(frame)
        self._sent.clear()
        self._cycles += len(frame)
        sent = -1
        while self._waiting or sent != len(self._sent):
            sent = len(self._sent)
            self._cycles += IDLE
            self._simulator.run_until(self._cycles * PERIOD)
        return split(self._sent)

    async def _feed(self, context: Any) -> None:
        received = self.line.received
        while True:
            frame = self._waiting.pop(0) if self._waiting else b""
            for at, byte in enumerate(frame):
                context.set(received.payload, {"data": byte, "last": at == len(frame) - 1})
                context.set(received.valid, 1)
                await context.tick().until(received.ready)
            context.set(received.valid, 0)
            await context.tick()

    async def _take(self, context: Any) -> None:
        transmitted = self.line.transmitted
        context.set(transmitted.ready, 1)
        while True:
            _, _, valid, payload = await context.tick().sample(transmitted.valid, transmitted.payload)
            if valid:
                self._sent.append((payload.data, payload.last))

    async def _count(self, context: Any) -> None:
        async for (dropped,) in context.changed(self.line.dropped):
            self.dropped = Counter({drop: dropped[drop] for drop in Drop if dropped[drop]})


def split(beats: list[tuple[int, int]]) -> list[bytes]:
    """The packets of a stream."""
    packets = [b""]
    for data, last in beats:
        packets[-1] += bytes([data])
        if last:
            packets.append(b"")
    return packets[:-1]
