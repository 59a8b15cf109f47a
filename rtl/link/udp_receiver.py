"""ARP, ICMP echo and UDP in hardware: what it answers is told in `models/link/udp_receiver.py`.

    COLLECT ── last byte ──▶ DECIDE ──▶ DROP ──────────────▶ COLLECT
                               ├─ UDP ─▶ PEER ──▶ PAYLOAD ──▶
                               └─ ARP, echo ────▶ REPLY ────▶

A frame is judged while it comes, a byte a cycle, and stored. Payload and replies are read from the stored
frame, a byte a cycle: a reply is the request with some bytes from elsewhere, and some replaced.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, ResetInserter, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.memory import Memory

from spikelock.models.link.ethernet import Drop, Station
from spikelock.models.link.udp_receiver import CORE, Params

from ..ports import signature
from ..single_port import ONE_AT_A_TIME

Pattern = dict[int, tuple[int, int]]
"""Offset in a frame → the byte wanted there, and which of its bits count."""


def pattern(offset: int, *wanted: int) -> Pattern:
    """Bytes that must stand from `offset` on."""
    return {offset + i: (byte, 0xFF) for i, byte in enumerate(wanted)}


def octets(number: int, count: int) -> list[int]:
    """The bytes of an address, the highest first."""
    return [number >> 8 * i & 0xFF for i in reversed(range(count))]


def patterns(own: Station) -> dict[str, Pattern]:
    """What a frame is compared with while it comes."""
    address = octets(own.address, 4)
    return {
        "own_station": pattern(0, *octets(own.mac, 6)),
        "broadcast": pattern(0, *[0xFF] * 6),
        "arp": pattern(12, 0x08, 0x06),
        "arp_request": pattern(14, 0, 1, 8, 0, 6, 4, 0, 1),
        "arp_target": pattern(38, *address),
        "ipv4": pattern(12, 0x08, 0x00),
        "no_options": pattern(14, 0x45),
        "whole": {20: (0, 0x3F), 21: (0, 0xFF)},
        "icmp": pattern(23, 1),
        "udp": pattern(23, 17),
        "own_address": pattern(30, *address),
        "echo_request": pattern(34, 8, 0),
        "own_port": pattern(36, *octets(own.port, 2)),
        "no_checksum": pattern(40, 0, 0),
    }


def ones_add(a: Any, b: Any) -> Value:
    """One's complement sum of 16 bits: the carry comes back in."""
    total = Value.cast(a) + b
    return (total[:16] + total[16])[:16]


class Judge(wiring.Component):
    """Reads a frame byte by byte; after its last byte `reason` says why it is refused, if `refused`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "data": wiring.In(8),
                "valid": wiring.In(1),
                "index": wiring.Out(range(params.longest + 2)),
                "refused": wiring.Out(1),
                "reason": wiring.Out(4),
                "is_udp": wiring.Out(1),
                "is_arp": wiring.Out(1),
                "total_length": wiring.Out(16),
                "station": wiring.Out(48),
                "address": wiring.Out(32),
                "port": wiring.Out(16),
                "checksum": wiring.Out(16),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.crc = crc = CRC32_ISO_HDLC().create()
        m.d.comb += [crc.data.eq(self.data), crc.valid.eq(self.valid)]
        index = self.index
        with m.If(self.valid & (index <= self.params.longest)):
            m.d.sync += index.eq(index + 1)

        matches: dict[str, Signal] = {}
        for name, wanted in patterns(self.params.station).items():
            matches[name] = match = Signal(name=name, init=1)
            for offset, (byte, bits) in wanted.items():
                with m.If(self.valid & (index == offset) & ((self.data & bits) != byte)):
                    m.d.sync += match.eq(0)

        udp_length = Signal(16)
        for field, start, end in (
            (self.station, 6, 12),
            (self.total_length, 16, 18),
            (self.address, 26, 30),
            (self.port, 34, 36),
            (self.checksum, 36, 38),
            (udp_length, 38, 40),
        ):
            with m.If(self.valid & (index >= start) & (index < end)):
                m.d.sync += field.eq((field << 8) | self.data)

        # Sums of words. UDP's takes in a pseudo-header: addresses, protocol 17, and its length, which is the
        # total length less 20. So it begins with −3, and takes in the total length.
        header_sum = Signal(16)
        body_sum = Signal(16, init=0xFFFF - 3)
        word = Mux(index[0], self.data, self.data << 8)
        with m.If(self.valid & (index >= 14) & (index < 34)):
            m.d.sync += header_sum.eq(ones_add(header_sum, word))
        pseudo = (index == 16) | (index == 17) | ((index >= 26) & (index < 34))
        message = (index >= 34) & (index < self.total_length + 14)
        before = Mux(matches["icmp"] & (index == 34), 0, body_sum)
        with m.If(self.valid & (pseudo | message)):
            m.d.sync += body_sum.eq(ones_add(before, word))

        arp, ipv4, icmp, udp = (matches[name] for name in ("arp", "ipv4", "icmp", "udp"))
        echo = icmp & matches["echo_request"]
        length_fits = (self.total_length >= 28) & (self.total_length + 18 <= index)
        wrong = {
            Drop.FRAME_LENGTH: (index < 64) | (index > self.params.longest),
            Drop.FRAME_CHECK: ~crc.match_detected,
            Drop.STATION: ~(matches["own_station"] | (matches["broadcast"] & arp)),
            Drop.PROTOCOL: ~((arp & matches["arp_request"]) | (ipv4 & (udp | echo))),
            Drop.HEADER: ipv4 & ~(matches["no_options"] & length_fits & header_sum.all()),
            Drop.ADDRESS: ~Mux(arp, matches["arp_target"], matches["own_address"]),
            Drop.FRAGMENT: ipv4 & ~matches["whole"],
            Drop.LENGTH: self.is_udp & (udp_length + 20 != self.total_length),
            Drop.CHECKSUM: ipv4 & ~body_sum.all() & ~(udp & matches["no_checksum"]),
            Drop.PORT: self.is_udp & ~matches["own_port"],
        }
        m.d.comb += [self.is_udp.eq(ipv4 & udp), self.is_arp.eq(arp)]
        for reason, is_wrong in reversed(wrong.items()):  # the first one comes last, and wins
            with m.If(is_wrong):
                m.d.comb += [self.refused.eq(1), self.reason.eq(reason)]
        return m


class UdpReceiver(wiring.Component):
    """Ports as declared in `models/link/udp_receiver.py`; one frame at a time."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        done = Signal()  # all that the frame causes has left
        m.submodules.judge = judge = ResetInserter(done)(Judge(self.params))
        m.submodules.frame = frame = Memory(shape=8, depth=self.params.longest, init=[], attrs=ONE_AT_A_TIME)
        write, read = frame.write_port(), frame.read_port()
        position = Signal.like(judge.index)  # of the byte that leaves
        final = Signal.like(position)  # that of the last one
        next_position = Signal.like(position)
        m.d.comb += [
            judge.data.eq(self.input.payload.data),
            write.data.eq(self.input.payload.data),
            write.addr.eq(judge.index),
            next_position.eq(position),
            self.dropped.payload.reason.eq(judge.reason),
            self.peer.payload.station.eq(judge.station),
            self.peer.payload.address.eq(judge.address),
            self.peer.payload.port.eq(judge.port),
        ]
        m.d.sync += position.eq(next_position)
        self._read_reply(m, judge, read, position, next_position)
        ends = position == final
        m.d.comb += [
            self.payload.payload.data.eq(Mux(ends, 0, read.data)),
            self.replies.payload.last.eq(ends),
        ]

        with m.FSM(init="COLLECT"):
            with m.State("COLLECT"):
                m.d.comb += self.input.ready.eq(1)
                m.d.comb += read.en.eq(0)
                with m.If(self.input.valid):
                    m.d.comb += [judge.valid.eq(1), write.en.eq(judge.index < self.params.longest)]
                    with m.If(self.input.payload.last):
                        m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.sync += final.eq(Mux(judge.is_arp, 41, judge.total_length + 13))
                m.next = "REPLY"
                with m.If(judge.refused):
                    m.next = "DROP"
                with m.Elif(judge.is_udp):
                    m.d.sync += final.eq(judge.total_length - 28)
                    m.next = "PEER"
            with m.State("DROP"):
                m.d.comb += self.dropped.valid.eq(1)
                with m.If(self.dropped.ready):
                    m.d.comb += done.eq(1)
                    m.next = "COLLECT"
            with m.State("PEER"):
                m.d.comb += self.peer.valid.eq(1)
                with m.If(self.peer.ready):
                    m.next = "PAYLOAD"
            for state, output in (("PAYLOAD", self.payload), ("REPLY", self.replies)):
                with m.State(state):
                    m.d.comb += output.valid.eq(1)
                    with m.If(output.ready):
                        m.d.comb += next_position.eq(position + 1)
                        with m.If(ends):
                            m.d.comb += [next_position.eq(0), done.eq(1)]
                            m.next = "COLLECT"
        return m

    def _read_reply(self, m: Module, judge: Any, read: Any, position: Signal, next_position: Signal) -> None:
        """Where each byte of a reply, or of a payload, is read from; and which are replaced."""
        own = self.params.station
        mac, address = octets(own.mac, 6), octets(own.address, 4)
        checksum = ones_add(judge.checksum, 0x0800)
        constant = {6 + i: Const(byte) for i, byte in enumerate(mac)}
        moved_arp = {range(6): 22, range(32, 38): -10, range(38, 42): -10}
        arp = {21: Const(2)} | {22 + i: Const(byte) for i, byte in enumerate([*mac, *address])}
        moved_echo = {range(6): 6, range(26, 30): 4, range(30, 34): -4}
        echo = {34: Const(0), 36: checksum[8:], 37: checksum[:8]}

        m.d.comb += [read.addr.eq(next_position), self.replies.payload.data.eq(read.data)]
        with m.If(judge.is_udp):
            m.d.comb += read.addr.eq(next_position + 42)
        with m.Elif(judge.is_arp):
            self._moved(m, read, next_position, moved_arp)
            self._replaced(m, position, constant | arp)
        with m.Else():
            self._moved(m, read, next_position, moved_echo)
            self._replaced(m, position, constant | echo)

    @staticmethod
    def _moved(m: Module, read: Any, position: Signal, offsets: dict[range, int]) -> None:
        for where, offset in offsets.items():
            with m.If((position >= where.start) & (position < where.stop)):
                m.d.comb += read.addr.eq(position + offset)

    def _replaced(self, m: Module, position: Signal, bytes_at: dict[int, Value]) -> None:
        with m.Switch(position):
            for where, byte in bytes_at.items():
                with m.Case(where):
                    m.d.comb += self.replies.payload.data.eq(byte)


def component(params: Params) -> UdpReceiver:
    """The component that embodies `link.udp_receiver`."""
    return UdpReceiver(params)
