"""Bytes to datagrams in hardware: what they hold is told in `models/link/udp_sender.py`.

    COLLECT ── 0, or full ──▶ SUM ──▶ HEADER ──▶ PAYLOAD ──▶ COLLECT

The peer is that of the moment in which the last byte came.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

from spikelock.models.link.udp_sender import CORE, Params

from ..ports import signature
from ..single_port import ONE_AT_A_TIME

HEADERS = 42


def octets(value: Any) -> list[Value]:
    """The bytes of a value, the highest first."""
    whole = Value.cast(value)
    return [whole[at : at + 8] for at in reversed(range(0, len(whole), 8))]


class UdpSender(wiring.Component):
    """Ports as declared in `models/link/udp_sender.py`; no byte is taken while a datagram leaves."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.payload = payload = Memory(shape=8, depth=params.longest, init=[], attrs=ONE_AT_A_TIME)
        write, read = payload.write_port(), payload.read_port()
        count = Signal(range(params.longest + 1))  # bytes that have come
        position = Signal(range(max(HEADERS, params.longest)))  # of the byte that leaves, in its part
        next_position = Signal.like(position)
        checksum = Signal(16)
        station = Signal(48)
        address = Signal(32)
        port = Signal(16)
        lengths = Signal(16, name="ip_length"), Signal(16, name="udp_length")
        header = self._header(lengths, checksum, station, address, port)
        m.d.comb += [
            lengths[0].eq(count + 28),
            lengths[1].eq(count + 8),
            write.addr.eq(count),
            write.data.eq(self.input.payload.data),
            read.addr.eq(next_position),
        ]

        with m.FSM(init="COLLECT"):
            with m.State("COLLECT"):
                m.d.comb += [self.input.ready.eq(1), read.en.eq(0), write.en.eq(self.input.valid)]
                m.d.sync += [
                    station.eq(self.registers.peer_station),
                    address.eq(self.registers.peer_address),
                    port.eq(self.registers.peer_port),
                ]
                with m.If(self.input.valid):
                    m.d.sync += count.eq(count + 1)
                    zero = self.input.payload.data == 0
                    with m.If(zero | (count == params.longest - 1)):
                        m.next = "SUM"
                        with m.If((zero & (count == 0)) | ~self.registers.known):
                            m.d.sync += count.eq(0)
                            m.next = "COLLECT"
            with m.State("SUM"):
                m.d.sync += checksum.eq(~self._sum(count, address))
                m.next = "HEADER"
            with m.State("HEADER"):
                m.d.comb += self.output.valid.eq(1)
                with m.Switch(position):
                    for at, byte in enumerate(header):
                        with m.Case(at):
                            m.d.comb += self.output.payload.data.eq(byte)
                with m.If(self.output.ready):
                    m.d.sync += position.eq(position + 1)
                    with m.If(position == HEADERS - 1):
                        m.d.sync += position.eq(0)
                        m.next = "PAYLOAD"
            with m.State("PAYLOAD"):
                last = position == count - 1
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(read.data),
                    self.output.payload.last.eq(last),
                    next_position.eq(position + self.output.ready),
                ]
                m.d.sync += position.eq(next_position)
                with m.If(self.output.ready & last):
                    m.d.sync += [position.eq(0), count.eq(0)]
                    m.next = "COLLECT"
        return m

    def _sum(self, count: Signal, address: Signal) -> Value:
        """One's complement sum of the header of IPv4."""
        own = self.params.station.address
        fixed = 0x4500 + 0x4000 + 0x4011 + (own >> 16) + (own & 0xFFFF) + 28
        total = (fixed & 0xFFFF) + (fixed >> 16) + count + address[:16] + address[16:]
        once = total[:16] + total[16:]
        return (once[:16] + once[16])[:16]

    def _header(
        self, lengths: tuple[Signal, Signal], checksum: Signal, station: Signal, address: Signal, port: Signal
    ) -> list[Value]:
        own = self.params.station
        ip_length, udp_length = lengths
        return [
            *octets(station),
            *octets(Const(own.mac, 48)),
            *octets(Const(0x0800_4500, 32)),
            *octets(ip_length),
            *octets(Const(0x0000_4000_4011, 48)),
            *octets(checksum),
            *octets(Const(own.address, 32)),
            *octets(address),
            *octets(Const(own.port, 16)),
            *octets(port),
            *octets(udp_length),
            *octets(Const(0, 16)),
        ]


def component(params: Params) -> UdpSender:
    """The component that embodies `link.udp_sender`."""
    return UdpSender(params)
