"""What the Ethernet cores declare: a station and its addresses, lengths of frames, why one is dropped.

Sources: IEEE 802.3 (frames), RFC 826 (ARP), RFC 791 (IPv4), RFC 792 (ICMP), RFC 768 (UDP).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q

ETHERNET_HEADER = 14
IPV4_HEADER = 20
UDP_HEADER = 8
HEADERS = ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER
"""Bytes before the payload of a datagram."""

SHORTEST_FRAME = 64
"""Bytes of a frame with its frame check sequence, at least: shorter ones are padded."""

LONGEST_FRAME = 1518
"""Bytes of a frame with its frame check sequence, at most."""

FCS_BYTES = 4

PEER: Mapping[str, Q] = {
    "station": Q(48, signed=False),
    "address": Q(32, signed=False),
    "port": Q(16, signed=False),
}
"""Who sent a datagram: MAC address, IPv4 address, UDP port. The byte that travels first is the highest."""


class Drop(IntEnum):
    """Why a frame is dropped; the first of these that is true.

    FRAME_LENGTH: shorter or longer than a frame may be. FRAME_CHECK: wrong frame check sequence. STATION:
    for another MAC address; only ARP may be broadcast. PROTOCOL: neither an ARP request, nor an ICMP echo
    request, nor UDP over IPv4. HEADER: of IPv4, with another version, options, a wrong length or checksum.
    ADDRESS: for another IPv4 address. FRAGMENT: a part of a datagram. LENGTH: the length of UDP is not that
    of IPv4. CHECKSUM: of ICMP or UDP; UDP may have none. PORT: for another one.
    """

    FRAME_LENGTH = 0
    FRAME_CHECK = 1
    STATION = 2
    PROTOCOL = 3
    HEADER = 4
    ADDRESS = 5
    FRAGMENT = 6
    LENGTH = 7
    CHECKSUM = 8
    PORT = 9


@dataclass(frozen=True)
class Station:
    """The addresses of one end, as numbers.

    mac: 48 bits, of one station: bit 40 is 0. address: 32 bits, of one host. port: 1 … 65,535.
    Raises BadInput where one is not.
    """

    mac: int = 0x02_53_50_49_4B_45
    address: int = 0xC0A8_0164
    port: int = 20_480

    def __post_init__(self) -> None:
        if not 0 < self.mac < 1 << 48 or self.mac >> 40 & 1:
            raise BadInput(f"{self.mac:#x} is not the MAC address of one station; 0x025350494B45 is one")
        if not 1 <= self.address >> 24 <= 223 or self.address >> 24 == 127:
            raise BadInput(
                f"{self.address:#x} is not the IPv4 address of one host; 0xC0A80164, 192.168.1.100, is one"
            )
        if not 1 <= self.port <= 65_535:
            raise BadInput(f"port {self.port}: 1 … 65535 are ports; 20480 works")
