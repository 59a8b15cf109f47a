"""Ethernet frames in, payloads and replies out: the specification of `link.udp_receiver`.

A packet of the input is a frame as IEEE 802.3 has it, without preamble, with its frame check sequence: the
CRC-32 of all bytes before it, low byte first. It answers to one MAC address, one IPv4 address, and one port.

    ARP request for the address        a reply leaves, 42 bytes
    ICMP echo request to the address   a reply leaves: addresses exchanged, type 0, checksum + 0x0800
    UDP to the address and port        its sender leaves by `peer`, then its payload and a 0 by `payload`
    anything else                      its reason leaves by `dropped`

The additional 0 ends, for a frame decoder, whatever a datagram left open: so a damaged datagram costs no more
than its own frames. Replies have no padding and no frame check sequence yet: `link.ethernet_transmitter` adds
them. Sums are in one's complement, 16 bits (RFC 1071); the checksum of an echo changes as in RFC 1624.

Nothing of a frame is used before all of it was checked: the core stores it, and takes the next one when all
that it causes has left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.ports import Port

from .ethernet import FCS_BYTES, LONGEST_FRAME, PEER, SHORTEST_FRAME, Drop, Station
from .frame_encoder import crc32
from .protocol import byte_stream, packet_stream

ARP, IPV4 = b"\x08\x06", b"\x08\x00"
ARP_REQUEST = b"\x00\x01\x08\x00\x06\x04\x00\x01"
"""Ethernet and IPv4 addresses, of 6 and 4 bytes; a request."""

ARP_REPLY = b"\x00\x01\x08\x00\x06\x04\x00\x02"
BROADCAST = b"\xff" * 6
ICMP, UDP = 1, 17
ECHO_REQUEST = b"\x08\x00"


@dataclass(frozen=True)
class Params:
    """station: whose frames are taken. longest: bytes of a frame that the core has room for, 64 … 1518."""

    station: Station = field(default_factory=Station)
    longest: int = LONGEST_FRAME

    def __post_init__(self) -> None:
        if not SHORTEST_FRAME <= self.longest <= LONGEST_FRAME:
            raise BadInput(f"frames of up to {self.longest} bytes: {SHORTEST_FRAME} … {LONGEST_FRAME} work")


def ones_sum(data: bytes) -> int:
    """One's complement sum of 16-bit words, the high byte first; an odd byte at the end is a high one."""
    total = sum(int.from_bytes(data[at : at + 2].ljust(2, b"\0")) for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def refusal(params: Params, frame: bytes) -> Drop | None:
    """The first reason to drop a frame; None if it is to be used."""
    if not SHORTEST_FRAME <= len(frame) <= params.longest:
        return Drop.FRAME_LENGTH
    data, check = frame[:-FCS_BYTES], frame[-FCS_BYTES:]
    if int.from_bytes(check, "little") != crc32(data):
        return Drop.FRAME_CHECK
    mac, address = params.station.mac.to_bytes(6), params.station.address.to_bytes(4)
    kind = data[12:14]
    if data[:6] != mac and not (data[:6] == BROADCAST and kind == ARP):
        return Drop.STATION
    if kind == ARP:
        if data[14:22] != ARP_REQUEST:
            return Drop.PROTOCOL
        return None if data[38:42] == address else Drop.ADDRESS
    if kind != IPV4:
        return Drop.PROTOCOL
    protocol = data[23]
    if protocol != UDP and not (protocol == ICMP and data[34:36] == ECHO_REQUEST):
        return Drop.PROTOCOL
    length = int.from_bytes(data[16:18])
    if data[14] != 0x45 or not 28 <= length <= len(data) - 14 or ones_sum(data[14:34]) != 0xFFFF:
        return Drop.HEADER
    if data[30:34] != address:
        return Drop.ADDRESS
    if int.from_bytes(data[20:22]) & 0x3FFF:  # more fragments, or an offset
        return Drop.FRAGMENT
    body = data[34 : 14 + length]
    if protocol == ICMP:
        return None if ones_sum(body) == 0xFFFF else Drop.CHECKSUM
    if int.from_bytes(body[4:6]) != len(body):
        return Drop.LENGTH
    pseudo_header = data[26:34] + bytes([0, UDP]) + body[4:6]
    if body[6:8] != b"\0\0" and ones_sum(pseudo_header + body) != 0xFFFF:
        return Drop.CHECKSUM
    if body[2:4] != params.station.port.to_bytes(2):
        return Drop.PORT
    return None


def arp_reply(params: Params, request: bytes) -> bytes:
    """What is sent to the sender that an ARP request names."""
    mac, address = params.station.mac.to_bytes(6), params.station.address.to_bytes(4)
    sender_mac, sender_address = request[22:28], request[28:32]
    return sender_mac + mac + ARP + ARP_REPLY + mac + address + sender_mac + sender_address


def echo_reply(params: Params, request: bytes) -> bytes:
    """What is sent to the station that an ICMP echo request comes from."""
    ip = request[14 : 14 + int.from_bytes(request[16:18])]
    checksum = int.from_bytes(ip[22:24]) + 0x0800
    checksum = (checksum & 0xFFFF) + (checksum >> 16)
    header = request[6:12] + params.station.mac.to_bytes(6) + IPV4
    return header + ip[:12] + ip[16:20] + ip[12:16] + b"\0\0" + checksum.to_bytes(2) + ip[24:]


Outputs = tuple[list[tuple[int]], list[tuple[int, int]], list[tuple[int, int, int]], list[tuple[int]]]


def judged(params: Params, frame: bytes) -> Outputs:
    """What leaves for a frame by `payload`, `replies`, `peer`, and `dropped`."""
    if (drop := refusal(params, frame)) is not None:
        return [], [], [], [(drop,)]
    if frame[12:14] == IPV4 and frame[23] == UDP:
        length = int.from_bytes(frame[38:40])
        sender = (
            int.from_bytes(frame[6:12]),
            int.from_bytes(frame[26:30]),
            int.from_bytes(frame[34:36]),
        )
        return [(byte,) for byte in (*frame[42 : 34 + length], 0)], [], [sender], []
    reply = (arp_reply if frame[12:14] == ARP else echo_reply)(params, frame)
    return [], [*((byte, 0) for byte in reply[:-1]), (reply[-1], 1)], [], []


def reference(
    params: Params, configuration: Configuration, frame: bytes, transaction: tuple[int, int]
) -> tuple[bytes, list[tuple[int]], list[tuple[int, int]], list[tuple[int, int, int]], list[tuple[int]]]:
    """One byte of a frame: with its last one, all that the frame causes leaves."""
    data, last = transaction
    frame += bytes([data])
    return (b"", *judged(params, frame)) if last else (frame, [], [], [], [])


CORE = Core(
    name="link.udp_receiver",
    params=Params,
    inputs=lambda params: {"input": packet_stream()},
    outputs=lambda params: {
        "payload": byte_stream(),
        "replies": packet_stream(),
        "peer": Port(PEER),
        "dropped": Port({"reason": Q(4, signed=False)}),
    },
    initial=lambda params, configuration: b"",
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
