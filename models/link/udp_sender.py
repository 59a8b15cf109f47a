"""Bytes in, datagrams out: the specification of `link.udp_sender`.

The bytes are frames of the link, each with a 0 at its end. A datagram takes one of them, with its 0; or
`longest` bytes where no 0 came. A 0 alone is nothing to send. A packet of the output is an Ethernet frame, to
which `link.ethernet_transmitter` adds padding and frame check sequence:

    Ethernet   to peer_station, from our MAC address, type 0x0800
    IPv4       20 bytes: identification 0, not to be fragmented, 64 hops, from our address to peer_address
    UDP        8 bytes: from our port to peer_port, no checksum (0): the frames of the link have a CRC-32
    payload

The registers say who the peer is: what `link.udp_receiver` last told, as wires. While `known` is 0 there is
nobody to send to, and the bytes are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.ports import Register, RegisterMap

from .ethernet import HEADERS, IPV4_HEADER, LONGEST_FRAME, PEER, UDP_HEADER, Station
from .protocol import BIT, byte_stream, packet_stream
from .udp_receiver import IPV4, UDP, ones_sum

MOST = LONGEST_FRAME - 4 - HEADERS
"""Bytes of a payload, at most."""


@dataclass(frozen=True)
class Params:
    """station: who sends. longest: bytes of a payload, at most; a frame of the link has up to 256."""

    station: Station = field(default_factory=Station)
    longest: int = 256

    def __post_init__(self) -> None:
        if not 2 <= self.longest <= MOST:
            raise BadInput(f"payloads of up to {self.longest} bytes: 2 … {MOST} fit a frame; 256 works")


def registers(params: Params) -> RegisterMap:
    """The peer, and whether there is one."""
    docs = {
        "station": "MAC address to send to",
        "address": "IPv4 address to send to",
        "port": "UDP port to send to",
    }
    peer = {f"peer_{name}": Register(q, 0, docs[name]) for name, q in PEER.items()}
    return {**peer, "known": Register(BIT, 0, "whether there is anybody to send to")}


def datagram(params: Params, configuration: Configuration, payload: bytes) -> bytes:
    """The Ethernet frame that carries a payload."""
    own, peer = params.station, configuration.registers
    length = IPV4_HEADER + UDP_HEADER + len(payload)
    start = b"\x45\0" + length.to_bytes(2) + b"\0\0\x40\0" + bytes([64, UDP])
    addresses = own.address.to_bytes(4) + peer["peer_address"].to_bytes(4)
    checksum = 0xFFFF - ones_sum(start + addresses)
    ports = own.port.to_bytes(2) + peer["peer_port"].to_bytes(2)
    return (
        peer["peer_station"].to_bytes(6)
        + own.mac.to_bytes(6)
        + IPV4
        + start
        + checksum.to_bytes(2)
        + addresses
        + ports
        + (UDP_HEADER + len(payload)).to_bytes(2)
        + b"\0\0"
        + payload
    )


def reference(
    params: Params, configuration: Configuration, payload: bytes, transaction: tuple[int]
) -> tuple[bytes, list[tuple[int, int]]]:
    """One byte: with the last one of a payload its datagram leaves."""
    payload += bytes(transaction)
    if payload[-1] and len(payload) < params.longest:
        return payload, []
    if payload == b"\0" or not configuration.registers["known"]:
        return b"", []
    frame = datagram(params, configuration, payload)
    return b"", [*((byte, 0) for byte in frame[:-1]), (frame[-1], 1)]


CORE = Core(
    name="link.udp_sender",
    params=Params,
    inputs=lambda params: {"input": byte_stream()},
    outputs=lambda params: {"output": packet_stream()},
    registers=registers,
    initial=lambda params, configuration: b"",
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
