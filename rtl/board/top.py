"""The whole design of a board, between the two pins of its serial line, or behind an Ethernet MAC.

rx ─▶ Receiver ─▶ FrameDecoder ─▶ ┌──────────┐ ─▶ ┌──────────┐
                                  │ Endpoint │    │ Services │ ⇄ chain of tiles
tx ◀─ Transmitter ◀─ FrameEncoder ◀└──────────┘ ◀─ └──────────┘

Over Ethernet a `UdpLine` stands in the place of Receiver and Transmitter.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.description import BoardParams
from spikelock.models.link.endpoint import Params as EndpointParams
from spikelock.models.link.endpoint import Role
from spikelock.models.link.ethernet import Station
from spikelock.models.link.frame_decoder import Params as DecoderParams
from spikelock.models.link.frame_encoder import Params as EncoderParams
from spikelock.models.link.protocol import LONGEST_PACKET
from spikelock.models.link.uart import Params as UARTParams

from ..link.endpoint import Endpoint
from ..link.frame_decoder import FrameDecoder
from ..link.frame_encoder import FrameEncoder
from ..link.uart import Receiver, Transmitter
from .packets import PACKETS
from .services import Services
from .udp_line import UdpLine

BITS_OF_FRAME = 10 * (LONGEST_PACKET + 9)
"""On the line, at most: kind, session, number, CRC-32, a code and the delimiter besides the packet."""

HOST_WINDOW = 16
"""Packets of a host that its acknowledgements wait behind, mostly. With more, some are sent again in vain."""

HOST_ANSWERS_IN = 0.02
"""Seconds that a host may take besides."""

ETHERNET_BAUD = 50_000_000
"""Bits a second that a link gets at least of 100 Mbit/s, behind the headers of its short datagrams."""


class Top(wiring.Component):
    """rx, tx: the serial line. busy: the chain computes.

    record: the capability record, as `models/board/capability.py` writes it. station: the addresses of a
    board that is reached over Ethernet. It then has, in the place of rx and tx, frames from and to a MAC;
    line_error: one was dropped there as it was damaged; overrun: as it found no room.
    """

    def __init__(self, params: BoardParams, record: bytes, station: Station | None = None) -> None:
        self.params = params
        self.record = record
        self.station = station
        line = (
            {"rx": In(1, init=1), "tx": Out(1, init=1)}
            if station is None
            else {"received": In(PACKETS), "transmitted": Out(PACKETS), "line_error": In(1), "overrun": In(1)}
        )
        super().__init__({**line, "busy": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        from_line, to_line, line_error, overrun = self._uart(m) if self.station is None else self._udp(m)
        baud = params.baud if self.station is None else ETHERNET_BAUD
        timeout = (params.window + HOST_WINDOW) * BITS_OF_FRAME * params.clock // baud
        timeout += round(HOST_ANSWERS_IN * params.clock)
        m.submodules.decoder = decoder = FrameDecoder(DecoderParams())
        m.submodules.encoder = encoder = FrameEncoder(EncoderParams())
        m.submodules.endpoint = endpoint = Endpoint(
            EndpointParams(Role.BOARD, window=params.window, timeout=timeout)
        )
        m.submodules.services = services = Services(params, self.record)

        m.d.comb += self.busy.eq(services.busy)
        wiring.connect(m, from_line, decoder.input)
        wiring.connect(m, decoder.output, endpoint.incoming)
        wiring.connect(m, endpoint.receive, services.input)
        wiring.connect(m, services.output, endpoint.send)
        wiring.connect(m, endpoint.outgoing, encoder.input)
        wiring.connect(m, encoder.output, to_line)

        whole = decoder.output.valid & decoder.output.ready & decoder.output.payload.last
        m.d.comb += [
            services.session.eq(endpoint.session.begins),
            decoder.dropped.ready.eq(1),
            encoder.dropped.ready.eq(1),
            services.link.link_replays.eq(endpoint.counters.replays),
        ]
        for name, happens in {
            "link_frames": whole,
            "link_errors": decoder.dropped.valid,
            "link_line_errors": line_error,
            "link_overruns": overrun,
        }.items():
            count = Signal.like(services.link[name], name=name)
            m.d.sync += count.eq(count + happens)
            m.d.comb += services.link[name].eq(count)
        return m

    def _uart(self, m: Module) -> tuple[Any, Any, Value, Value]:
        """Bytes from and to the line; what goes wrong on it, and that a byte is lost as nobody took it."""
        line = UARTParams(self.params.clock, self.params.baud)
        m.submodules.receiver = receiver = Receiver(line)
        m.submodules.transmitter = transmitter = Transmitter(line)
        m.d.comb += [receiver.rx.eq(self.rx), self.tx.eq(transmitter.tx)]
        return receiver.output, transmitter.input, receiver.framing_error, receiver.overrun

    def _udp(self, m: Module) -> tuple[Any, Any, Value, Value]:
        """The same over Ethernet."""
        assert self.station is not None
        m.submodules.line = line = UdpLine(self.station)
        wiring.connect(m, wiring.flipped(self.received), line.received)
        wiring.connect(m, line.transmitted, wiring.flipped(self.transmitted))
        return line.input, line.output, line.damaged | self.line_error, self.overrun


def component(params: BoardParams, *, record: bytes, station: Station | None = None) -> Top:
    """The whole design, as `Mutant.component` makes it anew."""
    return Top(params, record, station)
