"""What every Ethernet frame needs before it leaves: the specification of `link.ethernet_transmitter`.

A packet is padded with zeros, to 60 bytes on Ethernet. Its frame check sequence follows: the CRC-32 of all of
it, low byte first (IEEE 802.3, clause 3.2). Preamble and gaps belong to the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput

from .ethernet import FCS_BYTES, SHORTEST_FRAME
from .frame_encoder import crc32
from .protocol import packet_stream


@dataclass(frozen=True)
class Params:
    """padded: bytes of a packet, at least, without its frame check sequence; other lines may need fewer."""

    padded: int = SHORTEST_FRAME - FCS_BYTES

    def __post_init__(self) -> None:
        if not 1 <= self.padded <= SHORTEST_FRAME - FCS_BYTES:
            raise BadInput(
                f"packets padded to {self.padded} bytes: 1 … 60 are possible, and Ethernet needs 60"
            )


def reference(
    params: Params, configuration: Configuration, packet: bytes, transaction: tuple[int, int]
) -> tuple[bytes, list[tuple[int, int]]]:
    """One byte of a packet leaves; with the last one the padding and the frame check sequence, too."""
    data, last = transaction
    packet += bytes([data])
    if not last:
        return packet, [(data, 0)]
    padding = bytes(max(0, params.padded - len(packet)))
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
