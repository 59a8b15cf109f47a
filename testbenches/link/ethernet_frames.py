"""Frames for the benches of the Ethernet cores: right ones, and ones with a single thing wrong."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikelock.models.link.ethernet import Station
from spikelock.models.ports import Port, Records

Random = np.random.Generator


def checksum(data: bytes) -> int:
    """The checksum of the internet protocols, as RFC 1071 has it."""
    words = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total = sum(words) % 0xFFFF
    return 0xFFFF - total if any(words) else 0xFFFF


def ethernet(to: bytes, sender: bytes, kind: int, data: bytes, *, pad: int = 60) -> bytes:
    """A frame with its frame check sequence."""
    frame = (to + sender + struct.pack("!H", kind) + data).ljust(pad, b"\0")
    return frame + zlib.crc32(frame).to_bytes(4, "little")


def ipv4(protocol: int, sender: bytes, to: bytes, data: bytes, **changed: int) -> bytes:
    """A packet of IPv4. changed: fields of its header that are not as they should be."""
    fields = {"version": 0x45, "length": 20 + len(data), "fragment": 0x4000, "check": 0} | changed
    options = bytes(4 * (fields["version"] % 16 - 5))

    def header(check: int) -> bytes:
        start = struct.pack("!BBHHH", fields["version"], 0, fields["length"], 7, fields["fragment"])
        return start + struct.pack("!BBH", 64, protocol, check) + sender + to + options

    return header(checksum(header(0)) ^ fields["check"]) + data


def udp(sender: bytes, to: bytes, ports: tuple[int, int], data: bytes, **changed: int) -> bytes:
    """A datagram of UDP. changed: fields that are not as they should be; check 0 is none."""
    length = changed.get("length", 8 + len(data))
    start = struct.pack("!HHH", *ports, length)
    pseudo = sender + to + struct.pack("!HH", 17, length)
    check = checksum(pseudo + start + b"\0\0" + data) or 0xFFFF
    return start + struct.pack("!H", changed.get("check", check ^ changed.get("flip", 0))) + data


def icmp_echo(data: bytes, *, kind: int = 8, flip: int = 0) -> bytes:
    """An echo request. flip: bits of its checksum that are wrong."""
    message = bytes([kind, 0, 0, 0]) + data
    return message[:2] + struct.pack("!H", checksum(message) ^ flip) + data


def arp(sender: bytes, address: bytes, target: bytes, *, operation: int = 1) -> bytes:
    """A request for the station of an address."""
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + sender + address + bytes(6) + target


@dataclass(frozen=True)
class Peer:
    """Another station that speaks to ours."""

    own: Station
    station: bytes
    address: bytes
    port: int

    @property
    def _to(self) -> bytes:
        return self.own.address.to_bytes(4, "big")

    def frame(self, kind: int, data: bytes, to: bytes | None = None, pad: int = 60) -> bytes:
        """A frame to our station, or to another."""
        return ethernet(to or self.own.mac.to_bytes(6, "big"), self.station, kind, data, pad=pad)

    def ip(
        self,
        protocol: int,
        data: bytes,
        to: bytes | None = None,
        to_station: bytes | None = None,
        **changed: int,
    ) -> bytes:
        """A frame with a packet of IPv4."""
        return self.frame(0x0800, ipv4(protocol, self.address, to or self._to, data, **changed), to_station)

    def datagram(self, data: bytes, other_port: int = 0, **changed: int) -> bytes:
        """A datagram to our port, or to another."""
        return udp(self.address, self._to, (self.port, self.own.port ^ other_port), data, **changed)

    def arp(self, target: bytes | None = None, **changed: Any) -> bytes:
        """A request for our station, or for another's."""
        return arp(self.station, self.address, target or self._to, **changed)


def frames(own: Station, random: Random, longest: int) -> dict[str, Callable[[], bytes]]:
    """What makes frames of each kind: those that begin with `good`, and those with one thing wrong."""

    def between(least: int, beyond: int) -> int:
        return int(random.integers(least, beyond))

    def data() -> bytes:
        return random.bytes(between(0, 22))

    def peer() -> Peer:
        port = between(1, 65_536)
        station = bytes([2 * between(0, 128), *random.bytes(5)])  # an odd first byte would be a group
        return Peer(own, station, bytes([between(1, 224), *random.bytes(3)]), port)

    def one_bit() -> int:
        return 1 << between(0, 16)

    def wrong_bit(frame: bytes) -> bytes:
        at = between(0, 8 * len(frame))
        return (int.from_bytes(frame, "big") ^ 1 << at).to_bytes(len(frame), "big")

    def near(address: int, count: int) -> bytes:
        return (address ^ 1 << between(0, 8 * count - 1)).to_bytes(count, "big")

    def good() -> bytes:
        return peer().ip(17, peer().datagram(b"never", check=0))

    def fits(room: int) -> bytes:
        return random.bytes(min(longest - 18 - 28 + room, 120))

    broadcast = b"\xff" * 6
    return {
        "good udp": lambda: (p := peer()).ip(17, p.datagram(data())),
        "good udp of 1 byte": lambda: (p := peer()).ip(17, p.datagram(random.bytes(1))),
        "good udp, empty": lambda: (p := peer()).ip(17, p.datagram(b"")),
        "good udp, full": lambda: (p := peer()).ip(17, p.datagram(fits(0))),
        "good udp, no checksum": lambda: (p := peer()).ip(17, p.datagram(data(), check=0)),
        "good udp, fragments allowed": lambda: (p := peer()).ip(17, p.datagram(data()), fragment=0),
        "good echo": lambda: peer().ip(1, icmp_echo(data() + b"even")),
        "good echo that carries": lambda: peer().ip(1, icmp_echo(b"\0\0\0\0\xff\xff\xff"[: between(4, 8)])),
        "good arp": lambda: peer().frame(0x0806, peer().arp()),
        "good arp, broadcast": lambda: peer().frame(0x0806, peer().arp(), broadcast),
        "runt": lambda: peer().frame(0x0806, peer().arp(), pad=between(42, 60)),
        "short": lambda: good()[: between(1, 20)],
        "giant": lambda: (p := peer()).ip(17, p.datagram(random.bytes(longest - 18 - 28 + 1))),
        "cut": lambda: peer().frame(0x0800, bytes(60))[:-1],
        "wrong bit": lambda: wrong_bit(good()),
        "another station": lambda: peer().frame(0x0806, peer().arp(), near(own.mac, 6)),
        "broadcast over ip": lambda: peer().ip(17, peer().datagram(data(), check=0), to_station=broadcast),
        "another protocol": lambda: peer().frame(0x0800 ^ one_bit(), peer().arp()),
        "not a request": lambda: peer().frame(0x0806, peer().arp(operation=2)),
        "tcp": lambda: peer().ip(6, data() + bytes(8)),
        "echo reply": lambda: peer().ip(1, icmp_echo(data() + b"even", kind=0)),
        "options": lambda: (p := peer()).ip(17, p.datagram(data()), version=0x46),
        "version 6": lambda: (p := peer()).ip(17, p.datagram(data()), version=0x65),
        "header checksum": lambda: (p := peer()).ip(17, p.datagram(data()), check=one_bit()),
        "length beyond the frame": lambda: peer().ip(17, good()[34:46], length=between(47, 99) | one_bit()),
        "length below the headers": lambda: peer().ip(17, good()[34:46], length=between(0, 28)),
        "another address": lambda: (p := peer()).ip(17, p.datagram(data()), near(own.address, 4)),
        "arp for another": lambda: peer().frame(0x0806, peer().arp(near(own.address, 4)), broadcast),
        "first fragment": lambda: (p := peer()).ip(17, p.datagram(data()), fragment=0x2000),
        "later fragment": lambda: peer().ip(17, good()[34:46], fragment=1 << between(0, 13)),
        "length of udp": lambda: (p := peer()).ip(17, p.datagram(data(), length=between(0, 8))),
        "checksum of udp": lambda: (p := peer()).ip(17, p.datagram(b"\1" + data(), flip=one_bit())),
        "checksum of echo": lambda: peer().ip(1, icmp_echo(data() + b"even", flip=one_bit())),
        "another port": lambda: (p := peer()).ip(17, p.datagram(data(), other_port=one_bit())),
    }  # fmt: skip


def packets(port: Port, many: Sequence[bytes]) -> Records:
    """The transactions of these packets."""
    data = np.frombuffer(b"".join(many), np.uint8)
    last = np.concatenate([np.arange(len(one)) == len(one) - 1 for one in many])
    return port.records(data.astype(np.int64), last)
