"""What every Ethernet frame needs before it leaves: the specification of `link.ethernet_transmitter`.

A packet is padded with zeros to 60 bytes, and its frame check sequence follows: the CRC-32 of all of it, low
byte first (IEEE 802.3, clause 3.2). So a frame has at least 64 bytes. Preamble and gaps belong to the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing

from .ethernet import FCS_BYTES, SHORTEST_FRAME
from .frame_encoder import crc32
from .protocol import packet_stream

PADDED = SHORTEST_FRAME - FCS_BYTES


@dataclass(frozen=True)
class Params:
    """There is nothing to choose."""


def reference(
    params: Params, configuration: Configuration, packet: bytes, transaction: tuple[int, int]
) -> tuple[bytes, list[tuple[int, int]]]:
    """One byte of a packet leaves; with the last one the padding and the frame check sequence, too."""
    data, last = transaction
    packet += bytes([data])
    if not last:
        return packet, [(data, 0)]
    padding = bytes(max(0, PADDED - len(packet)))
    check = crc32(packet + padding).to_bytes(FCS_BYTES, "little")
    end = bytes([data]) + padding + check
    return b"", [*((byte, 0) for byte in end[:-1]), (end[-1], 1)]


CORE = Core(
    name="link.ethernet_transmitter",
    params=Params,
    inputs=lambda params: {"input": packet_stream()},
    outputs=lambda params: {"output": packet_stream()},
    initial=lambda params, configuration: b"",
    reference=reference,
    timing=lambda params: Timing(latency=0, interval=None),
)
